"""One film with all that belongs to it."""

from django.db.models import BigIntegerField, QuerySet, TextField

from catalog.drivers import Row
from catalog.errors import NotFound
from catalog.models import Film, FilmExternalId
from catalog.prepared import Parameter, prepared, spread, together
from catalog.selectors.absent import no_film
from catalog.selectors.paging import columns, poster_address
from catalog.selectors.relations import FILMS, RELATIONS, Record, by_film
from catalog.values import FILM_DETAIL_FIELDS, FILM_FIELDS, IdSource


def film(film_id: int, fields: tuple[str, ...] = FILM_DETAIL_FIELDS, *, drafts: bool = False) -> Record:
    """The asked fields of one published film, its relations as lists of mappings.

    One query, and one more for each relation among `fields`, on PostgreSQL all in one round trip. Raises NotFound, Gone
    and Moved; a draft is found only with `drafts`.
    """
    own = tuple(name for name in fields if name in FILM_FIELDS)
    asked = {name: RELATIONS[name] for name in fields if name not in FILM_FIELDS}
    queries = [own_columns(own, drafts), *(each.query(1) for each in asked.values())]
    answers = together(queries, {"id": film_id, **spread(FILMS, [film_id])})
    rows = next(answers)
    if not rows:
        raise no_film(film_id)
    record = dict(zip(own, rows[0], strict=False))
    if "poster" in record:
        record["poster"] = poster_address(record["poster"])
    for (name, relation), found in zip(asked.items(), answers, strict=True):
        record[name] = relation.shown(by_film(found).get(film_id, []))
    return {name: record[name] for name in fields}


def film_id_of(source: IdSource, value: str) -> int:
    """Our id of the published film that `source` calls `value`. One query. Raises NotFound."""
    found = identified().rows({"source": source, "value": value})
    if not found:
        raise NotFound(f"There is no film that {source} calls '{value}'.")
    return int(found[0][0])


@prepared
def identified() -> "QuerySet[FilmExternalId, Row]":
    """The published film that a source has a name for."""
    source, value = (Parameter(name, TextField()) for name in ("source", "value"))
    rows = FilmExternalId.objects.filter(source=source, value=value, film__published=True)
    return rows.order_by().values_list("film_id")


@prepared
def own_columns(names: tuple[str, ...], drafts: bool) -> "QuerySet[Film, Row]":
    """A film's own columns; its id stands last, so that there is a column whatever is asked for."""
    films = Film.objects.filter(pk=Parameter("id", BigIntegerField()))
    films = films if drafts else films.filter(published=True)
    return films.order_by().values_list(*columns(names), "pk")
