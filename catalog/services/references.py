"""What a film's input refers to: genres by slug, people by id or name, and so on, all faults at once.

Nothing is made here: names that are to be made are only collected, until all that was sent is known to be sound.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from msgspec import UNSET, UnsetType

from catalog.errors import Fault
from catalog.models import Collection, Company, Country, Genre, Keyword, Language, Person
from catalog.services.naming import people_by_name, slug
from catalog.values import SLUG_LENGTH
from catalog.values.likeness import nearest

SUGGESTED_FROM = 1000
"""Among more rows than these no nearest is looked for: it would take longer than all the rest."""


@dataclass(frozen=True)
class Kind:
    """Rows that inputs refer to: their model, the column that tells which, what they are called in a sentence."""

    model: type[Model]
    key: str
    noun: str


GENRE = Kind(Genre, "slug", "genre")
KEYWORD = Kind(Keyword, "slug", "keyword")
COUNTRY = Kind(Country, "code", "country")
LANGUAGE = Kind(Language, "code", "language")
COMPANY = Kind(Company, "id", "company")
COLLECTION = Kind(Collection, "id", "collection")
PERSON = Kind(Person, "id", "person")


@dataclass
class Referred:
    """Rows that one list refers to. keys: the primary key of each, in order. names: those that are to be made."""

    keys: list[Any] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def named(value: Any) -> Any:
    """The name that an input gives, or UNSET."""
    return UNSET if isinstance(value, str) else value.name


def rows_of(kind: Kind, keys: Iterable[Any]) -> dict[Any, Any]:
    """The rows of these keys, by key."""
    wanted = set(keys)
    if not wanted:
        return {}
    found = kind.model._default_manager.filter(**{f"{kind.key}__in": wanted})
    return {getattr(row, kind.key): row for row in found}


def key_of(kind: Kind, value: Any) -> Any:
    """What tells which row an input means, or UNSET where it gives a name only."""
    return value if isinstance(value, str) else getattr(value, kind.key)


def referred(kind: Kind, values: Sequence[Any], at: str, faults: list[Fault]) -> Referred:
    """The rows that `values` refer to; whatever is wrong is added to `faults` under the pointer `at`."""
    rows = rows_of(kind, (key for value in values if (key := key_of(kind, value)) is not UNSET))
    found = Referred()
    seen: set[Any] = set()
    for number, value in enumerate(values):
        here = f"{at}/{number}"
        key, name = key_of(kind, value), named(value)
        if key is UNSET and name is UNSET:
            faults.append(Fault(f"#{here}", "required", f"A {kind.noun} needs its {kind.key} or its name."))
            continue
        identity = sameness(kind, key, name, here, faults)
        if identity in seen:
            faults.append(Fault(f"#{here}", "duplicate", f"This {kind.noun} is in the list already."))
        seen.add(identity)
        if key is UNSET:
            found.names.append(name)
        elif row := known(kind, key, rows, here, faults):
            faults.extend(differing(kind, row, value, here))
            found.keys.append(row.pk)
    return found


def sameness(kind: Kind, key: Any, name: str, here: str, faults: list[Fault]) -> Any:
    """What two inputs that mean the same row share. A keyword's name must have a letter to make a slug of."""
    if key is not UNSET:
        return key
    if kind is not KEYWORD:
        return ("name", name)
    if not any(letter.isalnum() for letter in name):
        faults.append(Fault(f"#{here}/name", "no_letters", "A keyword's name needs a letter or digit."))
        return ("name", name)
    return slug(name, length=SLUG_LENGTH)


def known(kind: Kind, key: Any, rows: dict[Any, Any], here: str, faults: list[Fault]) -> Any:
    """The row of that key, or None and a fault that names what may have been meant."""
    if key not in rows:
        hint = meant(key, kind)
        faults.append(Fault(f"#{here}", "unknown_value", f"There is no {kind.noun} '{key}'{hint}."))
    return rows.get(key)


def meant(key: Any, kind: Kind) -> str:
    """`; the nearest is 'drama'`, where keys are words, not too many of them, and one is near."""
    if not isinstance(key, str):
        return ""
    words = list(kind.model._default_manager.values_list(kind.key, flat=True)[: SUGGESTED_FROM + 1])
    return "" if len(words) > SUGGESTED_FROM else nearest(key, words)


def differing(kind: Kind, row: Any, value: Any, here: str) -> Iterator[Fault]:
    """Faults where an input says of a row what is not so: names are changed elsewhere."""
    if isinstance(value, str):
        return
    if value.name is not UNSET and value.name != row.name:
        yield Fault(
            f"#{here}/name", "read_only", f"This {kind.noun} is called '{row.name}', which is not changed here."
        )
    if kind is COMPANY and value.country is not UNSET and value.country != row.country_id:
        yield Fault(f"#{here}/country", "read_only", f"This company's country is {row.country_id}.")


@dataclass
class People:
    """Who credits refer to: the ids of those that there are, by their input, and the names of those to be made."""

    by_id: dict[int, Any] = field(default_factory=dict)
    by_name: dict[str, list[int]] = field(default_factory=dict)

    def fault(self, whom: Any, here: str) -> Fault | None:
        """What is wrong with a reference to a person, if anything."""
        if whom.id is not UNSET:
            row = self.by_id.get(whom.id)
            if row is None:
                return Fault(f"#{here}/id", "unknown_value", f"There is no person {whom.id}.")
            return next(differing(PERSON, row, whom, here), None)
        if whom.name is UNSET:
            return Fault(f"#{here}", "required", "A person needs an id or a name.")
        ids = self.by_name.get(whom.name, [])
        if len(ids) > 1:
            told = ", ".join(map(str, sorted(ids)[:5]))
            return Fault(
                f"#{here}/name", "ambiguous", f"Several people are called '{whom.name}': say which by id ({told})."
            )
        return None

    def key(self, whom: Any) -> int | str:
        """The id of the person meant, or the name of one who is to be made."""
        if whom.id is not UNSET:
            return int(whom.id)
        ids = self.by_name.get(whom.name)
        return ids[0] if ids else str(whom.name)


def people_of(parts: Iterable[Any]) -> People:
    """The people that credits refer to; at most two queries."""
    whom = [credit.person for credit in parts]
    ids = {each.id for each in whom if each.id is not UNSET}
    names = {each.name for each in whom if each.id is UNSET and each.name is not UNSET}
    return People(rows_of(PERSON, ids), people_by_name(names) if names else {})


def listed(value: "list[Any] | UnsetType | None") -> "list[Any]":
    """The items of a list that may be absent or null."""
    return list(value) if isinstance(value, list) else []


def duplicates(keys: Iterable[Any], at: str, noun: str) -> Iterator[Fault]:
    """A fault for each key that stands in the list already."""
    seen: set[Any] = set()
    for number, key in enumerate(keys):
        if key in seen:
            yield Fault(f"#{at}/{number}", "duplicate", f"This {noun} is in the list already.")
        seen.add(key)


def unknown_codes(kind: Kind, codes: Sequence[tuple[str, str | None]], faults: list[Fault]) -> None:
    """A fault for each code, given with its pointer, that the catalogue does not know."""
    wanted = [(at, code) for at, code in codes if code is not None]
    rows = rows_of(kind, (code for _, code in wanted))
    for at, code in wanted:
        known(kind, code, rows, at, faults)
