"""FastAPI and SQLAlchemy's ORM, a session a request, as FastAPI's tutorial has it."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, DateTime, Dialect, TypeDecorator, create_engine, make_url, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

URL = make_url(os.environ["DATABASE_URL"])
engine = create_engine(
    URL.set(drivername="postgresql+psycopg") if URL.drivername == "postgres" else URL,
    pool_size=40,  # as many as there are threads for handlers: with fewer, all may wait for what only they give back
)
new_session = sessionmaker(engine)


class Time(TypeDecorator[datetime]):
    """A time in UTC, which SQLite stores without saying so (a recipe of SQLAlchemy's documentation)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The tables that this peer maps."""


class Film(Base):
    """The columns that an answer shows, and whether it may."""

    __tablename__ = "catalog_film"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str]
    original_title: Mapped[str | None]
    year: Mapped[int | None]
    release_date: Mapped[date | None]
    release_precision: Mapped[str | None]
    runtime: Mapped[int | None]
    overview: Mapped[str | None]
    tagline: Mapped[str | None]
    original_language: Mapped[str | None] = mapped_column("original_language_id")
    status: Mapped[str]
    budget: Mapped[int | None] = mapped_column(BigInteger)
    revenue: Mapped[int | None] = mapped_column(BigInteger)
    rating: Mapped[float | None]
    votes: Mapped[int]
    popularity: Mapped[float]
    poster: Mapped[str | None]
    version: Mapped[int]
    created: Mapped[datetime] = mapped_column(Time)
    updated: Mapped[datetime] = mapped_column(Time)
    published: Mapped[bool] = mapped_column(deferred=True)


class FilmOut(BaseModel):
    """One film as the answer shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    original_title: str | None
    year: int | None
    release_date: date | None
    release_precision: str | None
    runtime: int | None
    overview: str | None
    tagline: str | None
    original_language: str | None
    status: str
    budget: int | None
    revenue: int | None
    rating: float | None
    votes: int
    popularity: float
    poster: str | None
    version: int
    created: datetime
    updated: datetime


class Films(BaseModel):
    """The envelope of a list."""

    data: list[FilmOut]


def session() -> Iterator[Session]:
    with new_session() as opened:
        yield opened


app = FastAPI()


@app.get("/api/movies", response_model=Films)
def films(
    session: Annotated[Session, Depends(session)], limit: int = 20, sort: str = "id", votes__gte: int | None = None
) -> dict[str, Any]:
    found = select(Film).where(Film.published).order_by(getattr(Film, sort), Film.id).limit(limit)
    if votes__gte is not None:
        found = found.where(Film.votes >= votes__gte)
    return {"data": session.scalars(found).all()}
