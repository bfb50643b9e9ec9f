"""The one table of what is logged: which tables an answer can show, and which film or person each belongs to.

The triggers of both databases are made from it. It knows tables and columns by name and no model, since a migration
may run long before the models look as they do today.
"""

from dataclasses import dataclass

PREFIX = "changes_"
"""Every trigger and function of ours begins with it, so that all of them can be found and taken away."""

FILM, PERSON = "catalog_film", "catalog_person"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Where films show a name: the table that ties them, its column of the named row, and its column of the film."""

    table: str
    column: str
    film: str = "film_id"


@dataclass(frozen=True, kw_only=True)
class Name:
    """Rows whose names stand in the answers of films: a change is logged for it, and for each film that shows it.

    keys: the unique keys beside the primary one.
    """

    entity: str
    table: str
    shown: tuple[Shown, ...]
    key: str = "id"
    keys: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Link:
    """Rows that belong to one film or person, and raise its version: `owner` is the column that says which.

    keys: the unique keys beside the primary one that do not hold the owner.
    """

    entity: str
    table: str
    owner: str = "film_id"
    keys: tuple[tuple[str, ...], ...] = ()

    @property
    def of_film(self) -> bool:
        """Whether it is a film's; otherwise a person's."""
        return self.owner == "film_id"


@dataclass(frozen=True, kw_only=True)
class Root:
    """Rows that carry a version of their own, kept by the triggers: films and people.

    published: the column that hides a draft, where there is one.
    names: the columns that films show too, and where.
    generated: columns that follow from others, which a log has no use for.
    """

    entity: str
    table: str
    published: str | None = None
    names: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    generated: tuple[str, ...] = ()


KEPT = ("version", "updated")
"""What the triggers themselves write in a root: no news of its own."""

ROOTS = (
    Root(
        entity="film",
        table=FILM,
        published="published",
        generated=tuple(
            f"{name}_{direction}"
            for name in ("year", "release_date", "runtime", "revenue", "rating")
            for direction in ("asc", "desc")
        ),
    ),
    Root(
        entity="person",
        table=PERSON,
        names=("name",),
        shown=(
            Shown(table="catalog_castcredit", column="person_id"),
            Shown(table="catalog_crewcredit", column="person_id"),
        ),
        generated=("birth_date_asc", "birth_date_desc"),
    ),
)

LINKS = (
    Link(entity="title", table="catalog_title"),
    Link(entity="cast", table="catalog_castcredit"),
    Link(entity="crew", table="catalog_crewcredit"),
    Link(entity="rating", table="catalog_rating"),
    Link(entity="film_external_id", table="catalog_filmexternalid", keys=(("source", "value"),)),
    Link(entity="film_genre", table="catalog_film_genres"),
    Link(entity="film_keyword", table="catalog_film_keywords"),
    Link(entity="film_company", table="catalog_film_companies"),
    Link(entity="film_country", table="catalog_film_countries"),
    Link(entity="film_language", table="catalog_film_languages"),
    Link(
        entity="person_external_id",
        table="catalog_personexternalid",
        owner="person_id",
        keys=(("source", "value"),),
    ),
)

NAMES = (
    Name(
        entity="genre",
        table="catalog_genre",
        shown=(Shown(table="catalog_film_genres", column="genre_id"),),
        keys=(("slug",),),
    ),
    Name(
        entity="keyword",
        table="catalog_keyword",
        shown=(Shown(table="catalog_film_keywords", column="keyword_id"),),
        keys=(("slug",),),
    ),
    Name(
        entity="company",
        table="catalog_company",
        shown=(Shown(table="catalog_film_companies", column="company_id"),),
        keys=(("name",),),
    ),
    Name(
        entity="country",
        table="catalog_country",
        key="code",
        shown=(Shown(table="catalog_film_countries", column="country_id"),),
    ),
    Name(
        entity="language",
        table="catalog_language",
        key="code",
        shown=(Shown(table="catalog_film_languages", column="language_id"),),
    ),
    Name(
        entity="collection",
        table="catalog_collection",
        shown=(Shown(table=FILM, column="collection_id", film="id"),),
        keys=(("name",),),
    ),
)

Logged = Root | Link | Name

LOGGED: tuple[Logged, ...] = (*ROOTS, *LINKS, *NAMES)
