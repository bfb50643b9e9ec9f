"""The curators' rooms. Django's autodiscovery imports this package, which registers each of them."""

from catalog.admin import accounts, films, people, reference, tokens, webhooks

__all__ = ["accounts", "films", "people", "reference", "tokens", "webhooks"]
