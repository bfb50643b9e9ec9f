"""django-bolt: Rust's server, msgspec's JSON, Django's ORM."""

from typing import Any

from asgiref.sync import sync_to_async
from django_bolt import BoltAPI

from bench.peers import orm

api = BoltAPI()


@api.get("/api/movies")
async def films(limit: int = 20, sort: str = "id", votes__gte: int | None = None) -> dict[str, Any]:
    return {"data": await found(limit=limit, sort=sort, votes=votes__gte)}


@sync_to_async
def found(**asked: Any) -> list[dict[str, Any]]:
    """One hop for the whole list, as django-bolt itself fetches a QuerySet; `async for` takes more."""
    return list(orm.films(**asked))
