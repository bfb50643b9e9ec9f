"""The filters of a film list as conditions of a QuerySet."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

from django.db.models import Exists, Field, OuterRef, Q, QuerySet

from catalog.errors import Fault, Invalid
from catalog.fields import fold
from catalog.models import CastCredit, Country, CrewCredit, Film, Genre, Language, Person
from catalog.prepared import Parameter, Several, Telling, prepared, room_for, spread
from catalog.search.finding import Found, find
from catalog.search.tables import Matching
from catalog.search.words import words
from catalog.selectors.keyset import value_field
from catalog.values import MONEY_MAX, RATING_MAX, YEAR_MAX, YEAR_MIN, Bounds, FilmQuery, Term
from catalog.values.likeness import nearest

VOCABULARIES: dict[str, tuple[QuerySet[Any], str]] = {
    "genre": (Genre.objects.order_by(), "slug"),
    "country": (Country.objects.order_by(), "code"),
    "language": (Language.objects.order_by(), "code"),
    "person": (Person.objects.order_by(), "id"),
}
"""Each list filter, the rows that know its values, and the column that they stand in."""

FAULT_LIMIT = 10

CAST, CREW = CastCredit.objects.order_by(), CrewCredit.objects.order_by()

DOMAINS: dict[str, tuple[float, float]] = {
    "year": (YEAR_MIN, YEAR_MAX),
    "rating": (0, RATING_MAX),
    "runtime": (1, 60_000),
    "revenue": (1, MONEY_MAX),
}
"""The ranges that the database's own constraints hold, for the columns that can be unknown."""


class Range(NamedTuple):
    """One end of a range: a lookup of a column, whose value is the parameter of that name."""

    column: str
    lookup: str

    @property
    def parameter(self) -> str:
        """The name that the value goes by, which is also that of the keyword in `filter`."""
        return f"{self.column}__{self.lookup}"


class Match(NamedTuple):
    """The words of a text, met in whichever way, or in just one kind of match."""

    kind: int | None = None

    @property
    def parameter(self) -> str:
        """The name that the index's expression goes by."""
        return "match" if self.kind is None else f"match.{self.kind}"


class Member(NamedTuple):
    """One value of a list filter, the `number`th of that name: a list with room for so many values."""

    name: str
    number: int
    room: int
    negated: bool

    @property
    def parameter(self) -> str:
        """The name that the list of values goes by."""
        return f"{self.name}{self.number}"


Condition: TypeAlias = Range | Member | Match
Values: TypeAlias = dict[str, Any]


class Asked(NamedTuple):
    """Every filter of a query without its values, the values, and what is not known to be whole: `q`, or nothing."""

    wanted: tuple[Condition, ...]
    values: Values
    partial: list[str]


def conditions(query: FilmQuery) -> Asked:
    """The filters of `query`. Raises Invalid for values that nothing bears."""
    keys, faults = look_up(query)
    if faults:
        raise Invalid(faults)
    found = None if query.text is None else find(query.text)
    shape: list[Condition] = [Match()] if found else []
    values: Values = match_values(found) if found else {}
    for name, known in keys.items():
        for number, choice in enumerate(getattr(query, name)):
            ids = [known[value] for value in choice.values]
            shape.append(member := Member(name, number, room_for(ids), choice.negated))
            values |= spread(member.parameter, ids)
    for end, value in ends(query):
        shape.append(end)
        values[end.parameter] = value
    return Asked(tuple(shape), values, ["q"] if found and not found.up_to_date else [])


def condition(part: Condition, of_range: type[Parameter] = Telling) -> Q:
    """What one filter asks of a film, with parameters for its values; `of_range` is their kind in a range."""
    if isinstance(part, Match):
        return Q(pk__in=Matching(part.parameter))
    if isinstance(part, Range):
        return Q(**{part.parameter: of_range(part.parameter, value_field(part.column))})
    # Of people all have few films; of genres, countries and languages some have most.
    kind = Parameter if part.name == "person" else Telling
    matches = MATCHES[part.name](Several(part.parameter, key_field(part.name), part.room, kind))
    return ~matches if part.negated else matches


def conditioned(asked: Sequence[Condition], order: tuple[Term, ...]) -> Iterator[Q]:
    """What the filters of a list ask.

    Where they are nothing but a range of what the list is sorted by, the best plan for all values is to walk along that
    order's index from one end to the other. Beside other conditions, or in no order, the values decide what is.
    """
    is_walk = all(isinstance(each, Range) and each.column == order[0].column for each in asked)
    return (condition(each, Parameter if is_walk else Telling) for each in asked)


def match_values(found: Found) -> Values:
    """The expressions of a search, by the names of their parameters."""
    kinds = {Match(kind).parameter: expression for kind, expression in enumerate(found.kinds)}
    return {Match().parameter: found.anyhow, **kinds}


def key_field(name: str) -> "Field[Any, Any]":
    """The primary key of the rows that a list filter knows."""
    return cast("Field[Any, Any]", VOCABULARIES[name][0].model._meta.pk)


def unknown_values(query: FilmQuery) -> list[Fault]:
    """A fault for each value of `query` that only the catalogue can judge and does not know, up to ten of a filter."""
    return look_up(query)[1]


def look_up(query: FilmQuery) -> tuple[dict[str, dict[Any, Any]], list[Fault]]:
    """For each list filter in use the primary keys of its values, and a fault for each value that has none."""
    faults = without_letters("title__startswith", query.title_prefix)
    if query.text is not None and not words(query.text):
        faults.append(Fault("#/q", "blank", "q needs a letter or a digit."))
    keys: dict[str, dict[Any, Any]] = {}
    for name in VOCABULARIES:
        if choices := getattr(query, name):
            asked = list({value for choice in choices for value in choice.values})
            keys[name] = dict(known_rows(name, room_for(asked)).rows(spread("asked", asked)))
            faults += unknown(name, sorted(set(asked) - keys[name].keys())[:FAULT_LIMIT])
    return keys, faults


def without_letters(parameter: str, prefix: str | None) -> list[Fault]:
    """A fault where a beginning has nothing that sort keys keep."""
    if prefix is None or fold(prefix):
        return []
    return [Fault(f"#/{parameter}", "blank", f"{parameter} needs a letter or a digit.")]


@prepared
def known_rows(name: str, room: int) -> "QuerySet[Any, Any]":
    """The values of a list filter that rows bear, of up to `room` that are asked for, and these rows' keys."""
    rows, column = VOCABULARIES[name]
    asked = Several("asked", rows.model._meta.get_field(column), room)
    return rows.filter(**{f"{column}__in": asked}).values_list(column, "pk")


def unknown(name: str, values: Sequence[Any]) -> list[Fault]:
    """Says of each value that no row bears it, and which existing one is nearest where values are words."""
    if not values or isinstance(values[0], int):
        return [Fault(f"#/{name}", "unknown_value", f"There is no {name} {value}.") for value in values]
    rows, column = VOCABULARIES[name]
    known = list(rows.values_list(column, flat=True))
    return [
        Fault(f"#/{name}", "unknown_value", f"There is no {name} '{word}'{nearest(word, known)}.") for word in values
    ]


def of_genres(ids: Several) -> Q:
    """Films of any of these genres; asked film by film, so that the order's own index can be walked."""
    return Q(Exists(Film.genres.through.objects.filter(film_id=OuterRef("pk"), genre_id__in=ids)))


def of_countries(codes: Several) -> Q:
    """Films of any of these countries; asked film by film, like genres."""
    return Q(Exists(Film.countries.through.objects.filter(film_id=OuterRef("pk"), country_id__in=codes)))


def of_languages(codes: Several) -> Q:
    """Films whose original language is one of these: what people mean by a French film, and what a list shows."""
    # A film of an unknown language is not in French, so NOT must let it through: hence no bare NULL here.
    return Q(original_language__in=codes, original_language__isnull=False)


def of_people(ids: Several) -> Q:
    """Films with any of these people in cast or crew; by list, since a person has few films and a genre many."""
    in_cast, in_crew = (rows.filter(person_id__in=ids).values("film_id") for rows in (CAST, CREW))
    return Q(pk__in=in_cast.union(in_crew))


MATCHES = {"genre": of_genres, "country": of_countries, "language": of_languages, "person": of_people}


def ends(query: FilmQuery) -> Iterator[tuple[Range, Any]]:
    """Every range that `query` asks for, end by end, and its value."""
    for name, bounds in query.bounds:
        yield from within(name, bounds, query)
    if query.title_prefix:
        yield from begins_with("title_key", query.title_prefix)


def within(name: str, bounds: Bounds, query: FilmQuery) -> Iterator[tuple[Range, Any]]:
    """A range, on the very column that the list sorts by where it can be, so that one index serves both.

    Both ends are closed by the column's domain: the key that stands for NULL lies outside of it.
    """
    low, high = bounds.low, bounds.high
    column = name
    if name in DOMAINS:
        least, most = DOMAINS[name]
        low = least if low is None else max(low, least)
        high = most if high is None else min(high, most)
        column = next((term.column for term in query.order if term.name == name), f"{name}_asc")
    if low is not None:
        yield Range(column, "gte"), low
    if high is not None:
        yield Range(column, "lte"), high


def begins_with(column: str, prefix: str) -> Iterator[tuple[Range, Any]]:
    """Titles or names that begin with `prefix`, case and accents folded, as a range of their sort key `column`."""
    key = fold(prefix) + (" " if prefix[-1].isspace() else "")
    yield Range(column, "gte"), key
    if (after := successor(key)) is not None:
        yield Range(column, "lt"), after


def successor(text: str) -> str | None:
    """The least text, by code points, that is greater than all texts with this beginning; None where there is none.

    >>> successor("amelie")
    'amelif'
    """
    shortened = text.rstrip(chr(0x10FFFF))
    if not shortened:
        return None
    code = ord(shortened[-1]) + 1
    return shortened[:-1] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
