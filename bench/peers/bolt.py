"""django-bolt: Rust's server, msgspec's JSON, Django's ORM."""

from typing import Any

from django_bolt import BoltAPI

from bench.peers import orm

api = BoltAPI()


@api.get("/api/movies")
async def films(limit: int = 20, sort: str = "id", votes__gte: int | None = None) -> dict[str, Any]:
    return {"data": [film async for film in orm.films(limit=limit, sort=sort, votes=votes__gte)]}
