"""Prepared lists of films give what plain QuerySets give, whatever is asked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Substr
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import selectors
from catalog.fields import fold
from catalog.models import CastCredit, Country, CrewCredit, Film, Genre, Language, Person
from catalog.selectors.films import start_of
from catalog.values import FILM_FIELDS, FILM_SORTS, Bounds, Choice, FilmQuery, Position, Term

START = datetime(2020, 1, 1, tzinfo=UTC)
COUNT = 48
NAMES = ("genre", "country", "language", "person")


def stock() -> None:
    """Films with ties, unknown values, drafts and every kind of link."""
    Language.objects.bulk_create([Language(code=code, name=code) for code in ("xa", "xb")])
    Country.objects.bulk_create([Country(code=code, name=code) for code in ("XX", "XY")])
    Genre.objects.bulk_create([Genre(slug=slug, name=slug) for slug in ("g0", "g1", "g2")])
    people = Person.objects.bulk_create([Person(name=f"P{number}") for number in range(3)])
    films = Film.objects.bulk_create([made(number) for number in range(COUNT)])
    for number, film in enumerate(films):
        moment = START + timedelta(microseconds=number // 3, seconds=number % 2)
        Film.objects.filter(pk=film.pk).update(created=moment, updated=moment)
        film.genres.set(Genre.objects.filter(slug__in=[f"g{n}" for n in range(3) if number % (n + 2) == 0]))
        film.countries.set(Country.objects.filter(code__in=["XX", "XY"][: 1 + number % 2]))
    CastCredit.objects.bulk_create([CastCredit(film=film, person=people[0]) for film in films[::5]])
    CrewCredit.objects.bulk_create(
        [CrewCredit(film=film, person=people[1], department="Crew", job="cook") for film in films[::7]]
    )


def made(number: int) -> Film:
    return Film(
        title=("Éden", "eden 2", "Zoo", "zoo ", "\U0001f3a5", "ß % _")[number % 6],
        year=(None, 1990, 1999)[number % 3],
        release_date=date(1990, 5, 1 + number % 2) if number % 4 else None,
        release_precision="day" if number % 4 else None,
        runtime=(None, 1, 90)[number % 3],
        overview="Words\t\u2028" if number % 2 else None,
        original_language_id=(None, "xa", "xb")[number % 3],
        revenue=(None, 1, 2**39)[number % 3],
        rating=(None, 0.0, 6.1, 10.0)[number % 4],
        votes=number % 2 * 7,
        popularity=(0.0, 0.1, 1e9)[number % 3],
        poster=(None, "", "a b.jpg")[number % 3],
        shuffle=(0, 5, 2**30, 2**31 - 1)[number % 4],
        published=number % 9 > 0,
    )


def orders() -> st.SearchStrategy[tuple[Term, ...]]:
    """One or two terms; nothing after id, random alone."""
    term = st.builds(Term, st.sampled_from([name for name in FILM_SORTS if name != "random"]), st.booleans())
    pairs = st.tuples(term, term).filter(lambda pair: pair[0].name not in {"id", pair[1].name})
    return st.one_of(st.tuples(term), pairs, st.just((Term("random"),)))


def choices(*values: Any) -> st.SearchStrategy[tuple[Choice, ...]]:
    some = st.lists(st.sampled_from(values), min_size=1, unique=True).map(tuple)
    return st.lists(st.builds(Choice, some, st.booleans()), max_size=2).map(tuple)


def bounds() -> st.SearchStrategy[tuple[tuple[str, Bounds], ...]]:
    """Ranges of columns, of which each end may be open or beyond all that there is."""
    ends = {
        "year": (1, 1990, 1995, 9999),
        "rating": (0.0, 6.1, 10.0),
        "votes": (0, 7),
        "runtime": (0, 1, 2**31 - 1),
        "revenue": (1, 2**62),
        "popularity": (0.05, 1e9),
    }
    given = {name: st.builds(Bounds, *[st.none() | st.sampled_from(values)] * 2) for name, values in ends.items()}
    one = [st.tuples(st.just(name), pair.filter(lambda pair: pair != Bounds())) for name, pair in given.items()]
    return st.lists(st.one_of(one), max_size=2, unique_by=lambda each: each[0]).map(tuple)


@st.composite
def queries(draw: st.DrawFn, people: list[int]) -> FilmQuery:
    """Any list that the API can ask for, at its beginning or at a place in it, forged ones included."""
    order = draw(orders())
    pruned = st.lists(st.sampled_from(FILM_FIELDS), min_size=1, unique=True).map(tuple)
    return FilmQuery(
        limit=draw(st.integers(1, 40)),
        order=order,
        fields=draw(st.just(FILM_FIELDS) | pruned),
        position=draw(st.none() | positions(order)),
        seed=draw(st.integers(0, 2**31 - 1)) if order[0].name == "random" else None,
        genre=draw(choices("g0", "g1", "g2")),
        country=draw(choices("XX", "XY")),
        language=draw(choices("xa", "xb")),
        person=draw(choices(*people)),
        bounds=draw(bounds()),
        title_prefix=draw(st.sampled_from([None, None, "E", "eden ", "zo", "ß %"])),
    )


def positions(order: tuple[Term, ...]) -> st.SearchStrategy[Position]:
    """Beside a row that there may be, or where no row can be."""
    keys: dict[Any, st.SearchStrategy[Any]] = {
        str: st.sampled_from(["eden", "", "zoo", "\U0001f3a5"]),
        date: st.sampled_from([date(1990, 5, 1), date.min, date.max]),
    }
    by_name: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(("rating", "popularity"), st.sampled_from([-1.0, 0.0, 0.1, 6.1, 99.0])),
        **dict.fromkeys(("created", "updated"), st.integers(0, 16).map(lambda n: START + timedelta(microseconds=n))),
    }
    whole = st.sampled_from([-1, 0, 1, 5, 7, 90, 1990, 2**30, 2**40])
    parts = [by_name.get(term.name, keys.get(term.key.type, whole)) for term in order if term.name != "id"]
    return st.builds(Position, st.tuples(*parts), st.integers(0, COUNT * 3), st.booleans())


def plain(query: FilmQuery) -> list[dict[str, Any]]:
    """The same list, asked without anything of the selectors."""
    chosen = [wanted(name, each) for name in NAMES for each in getattr(query, name)]
    films = Film.objects.filter(*chosen, published=True)
    for name, ends in query.bounds:
        films = films if ends.low is None else films.filter(**{f"{name}__gte": ends.low})
        films = films if ends.high is None else films.filter(**{f"{name}__lte": ends.high})
    if query.title_prefix:
        key = fold(query.title_prefix) + " " * query.title_prefix.endswith(" ")
        films = films.annotate(beginning=Substr("title_key", 1, len(key))).filter(beginning=key)
    rows = list(placed(films, query).values(*query.fields)[: query.limit])
    backward = query.position is not None and query.position.backward
    return [shown(row) for row in (reversed(rows) if backward else rows)]


def wanted(name: str, choice: Choice) -> Q:
    """One value of a list filter, by joins within a subquery of its own."""
    paths = {"genre": ["genres__slug"], "country": ["countries__code"], "language": ["original_language__code"]}
    matches = Q()
    for path in paths.get(name, ["cast__person", "crew__person"]):
        matches |= Q(**{f"{path}__in": choice.values})
    condition = Q(pk__in=Film.objects.filter(matches).order_by().values("pk"))
    return ~condition if choice.negated else condition


def placed(films: "QuerySet[Film]", query: FilmQuery) -> "QuerySet[Film]":
    """In order and beyond the position, with the OR of equalities that everybody writes first."""
    columns = [(term.column, term.descending) for term in query.order if term.name != "id"]
    columns.append(("id", query.order[-1].descending))
    keys = () if query.position is None else (*query.position.keys, query.position.id)
    if query.seed is not None:
        start = start_of(query.seed)
        films = films.annotate(half=Case(When(shuffle__gte=start, then=Value(0)), default=Value(1)))
        columns.insert(0, ("half", False))
        keys = (int(keys[0] < start), *keys) if keys else keys
    backward = query.position is not None and query.position.backward
    beyond = Q()
    for number, ((column, descending), key) in enumerate(zip(columns, keys, strict=bool(keys))):
        ties = {name: value for (name, _), value in zip(columns[:number], keys, strict=False)}
        beyond |= Q(**ties, **{f"{column}__{'lt' if descending is not backward else 'gt'}": key})
    order = [f"{'-' if descending is not backward else ''}{column}" for column, descending in columns]
    return films.filter(beyond).order_by(*order)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    if "poster" in row:
        row["poster"] = "/media/a%20b.jpg" if row["poster"] else None
    return row


@pytest.mark.django_db
def test_any_list_is_what_a_plain_queryset_gives() -> None:
    """Sorts, directions, filters, fields, limits and positions, down to the bytes of the answer."""
    stock()
    people = list(Person.objects.values_list("pk", flat=True))

    @settings(max_examples=250, deadline=None)
    @given(queries(people))
    def check(query: FilmQuery) -> None:
        assert msgspec.json.encode(selectors.films(query).records) == msgspec.json.encode(plain(query))

    check()


@pytest.mark.django_db
def test_a_walk_is_one_statement_with_one_plan_and_gives_the_same_page() -> None:
    stock()

    def walked(query: FilmQuery) -> FilmQuery:
        chosen = [each for each in query.bounds if each[0] == query.order[0].name]
        return msgspec.structs.replace(query, genre=(), country=(), language=(), person=(), bounds=tuple(chosen))

    @settings(max_examples=150, deadline=None)
    @given(queries([1]).map(walked).filter(selectors.is_walk))
    def check(query: FilmQuery) -> None:
        call, page = selectors.walk(query)
        assert call.general
        assert page(selectors.answers([call, call])[1]) == selectors.films(query)

    check()


@pytest.mark.parametrize(
    "further",
    [
        {"genre": (Choice(("g0",), False),)},
        {"text": "eden"},
        {"include": ("genres",)},
        {"offset": 20},
        {"title_prefix": "e"},
        {"bounds": (("votes", Bounds(1, None)),)},
    ],
)
def test_what_takes_more_than_a_walk_is_none(further: dict[str, Any]) -> None:
    assert not selectors.is_walk(FilmQuery(limit=10, order=(Term("year"),), **further))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3, COUNT])
def test_films_by_id_are_what_a_plain_queryset_gives(count: int) -> None:
    stock()
    ids = list(Film.objects.order_by("title_key", "-id").values_list("pk", flat=True))[:count]
    found = selectors.films_by_id(ids, FILM_FIELDS)
    rows = {row["id"]: shown(row) for row in Film.objects.filter(published=True).values(*FILM_FIELDS)}
    assert msgspec.to_builtins(found) == msgspec.to_builtins({each: rows[each] for each in ids if each in rows})


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [FILM_FIELDS, ("poster", "created"), ("release_date",)])
def test_one_film_is_what_a_plain_queryset_gives(fields: tuple[str, ...]) -> None:
    stock()
    for row in Film.objects.filter(published=True).values("id", *fields)[:12]:
        expected = {name: shown(dict(row))[name] for name in fields}
        assert selectors.film(row["id"], fields) == expected


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores no text here")
@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01 12:20:00",
        "2026-01-01T12:20:00.5Z",
        "2026-01-01 12:20:00+02:00",
        "2026-01-01",
        "2026-01-01 12:20",
        "no",
    ],
)
def test_a_time_is_read_in_every_spelling_that_django_reads(text: str) -> None:
    """Whoever writes SQL by hand may spell times differently."""
    film = Film.objects.create(title="Ω", published=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_film SET created = %s", [text])
    page = selectors.films(FilmQuery(limit=1, order=(Term("id"),), fields=("created",)))
    plain_value = Film.objects.values_list("created", flat=True).get(pk=film.pk)
    assert msgspec.json.encode(page.records) == msgspec.json.encode([{"created": plain_value}])
