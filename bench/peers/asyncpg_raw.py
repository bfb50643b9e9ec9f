"""Starlette and SQL by hand through asyncpg's pool: what is left when there is no ORM. PostgreSQL only."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

COLUMNS = (
    "id, title, original_title, year, release_date, release_precision, runtime, overview, tagline, "
    "original_language_id AS original_language, status, budget, revenue, rating, votes, popularity, "
    "poster, version, created, updated"
)
ALL = f"SELECT {COLUMNS} FROM catalog_film WHERE published ORDER BY id LIMIT $1"  # noqa: S608
BY_VOTES = f"SELECT {COLUMNS} FROM catalog_film WHERE published AND votes >= $2 ORDER BY votes, id LIMIT $1"  # noqa: S608
encode = msgspec.json.Encoder().encode


def statement(query: Mapping[str, str]) -> tuple[str, list[int]]:
    """The SQL for a query string, and its values."""
    limit = int(query.get("limit", "20"))
    if "votes__gte" in query:
        return BY_VOTES, [limit, int(query["votes__gte"])]
    return ALL, [limit]


async def films(request: Request) -> Response:
    sql, values = statement(request.query_params)
    rows = await request.app.state.pool.fetch(sql, *values)
    return Response(encode({"data": [dict(row) for row in rows]}), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as app.state.pool:
        yield


application = Starlette(routes=[Route("/api/movies", films)], lifespan=lifespan)
