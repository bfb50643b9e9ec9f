"""The OpenAPI 3.1 document of the operations: made from what parses and renders, so that it cannot drift from it."""

from catalog.api.http.openapi.document import Service, document

__all__ = ["Service", "document"]
