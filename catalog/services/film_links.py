"""All that ties a film to others, as an input has it: judged first, as a whole, then written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET

from catalog.errors import Fault, Form
from catalog.models import CastCredit, CrewCredit, Film, Person, Rating, Title
from catalog.services import references
from catalog.services.external_ids import form_faults, set_ids
from catalog.services.inputs import CastInput, CrewInput, FilmChanges, TitleInput
from catalog.services.naming import ensure_collections, ensure_companies, ensure_keywords
from catalog.services.ratings import refresh_rating
from catalog.services.references import People, Referred, duplicates, listed, people_of, referred, unknown_codes
from catalog.services.rows import set_rows

VOCABULARIES = {
    "genres": references.GENRE,
    "countries": references.COUNTRY,
    "languages": references.LANGUAGE,
    "keywords": references.KEYWORD,
    "companies": references.COMPANY,
}
MAKERS: dict[str, Callable[..., dict[str, int]]] = {"keywords": ensure_keywords, "companies": ensure_companies}
"""What makes the rows that an input gives a name of only."""


@dataclass
class Links:
    """What an input ties to a film, looked up. Lists that the input does not name are not here."""

    lists: dict[str, Referred] = field(default_factory=dict)
    collection: Referred | None = None
    people: People = field(default_factory=People)


def looked_up(values: FilmChanges, form: Form, faults: list[Fault]) -> Links:
    """What the input refers to; whatever is wrong with it is added to `faults`."""
    links = Links()
    for name, kind in VOCABULARIES.items():
        if (given := getattr(values, name)) is not UNSET:
            links.lists[name] = referred(kind, listed(given), f"/{name}", faults)
    if values.collection is not UNSET:
        one = [] if values.collection is None else [values.collection]
        found: list[Fault] = []
        links.collection = referred(references.COLLECTION, one, "/collection", found)
        faults += [Fault(each.pointer.replace("/0", "", 1), each.code, each.detail) for each in found]
    judge_credits(values, links, form, faults)
    judge_titles(listed(values.titles), form, faults)
    judge_ratings(values, faults)
    if isinstance(values.external_ids, dict):
        faults += form_faults(values.external_ids, imdb_prefix="tt")
    return links


def judge_credits(values: FilmChanges, links: Links, form: Form, faults: list[Fault]) -> None:
    cast: list[CastInput] = listed(values.cast)
    crew: list[CrewInput] = listed(values.crew)
    links.people = people_of([*cast, *crew])
    whom = {f"/cast/{number}/person": each.person for number, each in enumerate(cast)}
    whom |= {f"/crew/{number}/person": each.person for number, each in enumerate(crew)}
    faults += [fault for at, person in whom.items() if (fault := links.people.fault(person, at))]
    key = links.people.key
    sound = not any(fault.pointer.startswith(("#/cast", "#/crew")) for fault in faults)
    if sound and not form.touches("#/cast") and not form.touches("#/crew"):
        faults += duplicates(((key(each.person), each.character) for each in cast), "/cast", "part")
        faults += duplicates(((key(each.person), each.job) for each in crew), "/crew", "job")


def judge_titles(titles: list[TitleInput], form: Form, faults: list[Fault]) -> None:
    regions = [(f"/titles/{number}/region", each.region) for number, each in enumerate(titles)]
    spoken = [(f"/titles/{number}/language", each.language) for number, each in enumerate(titles)]
    unknown_codes(references.COUNTRY, regions, faults)
    unknown_codes(references.LANGUAGE, spoken, faults)
    if not form.touches("#/titles"):
        faults += duplicates(((each.title, each.region, each.language) for each in titles), "/titles", "title")


def judge_ratings(values: FilmChanges, faults: list[Fault]) -> None:
    ratings = listed(values.ratings)
    for number, each in enumerate(ratings):
        if each.scale not in {5, 10}:
            faults.append(Fault(f"#/ratings/{number}/scale", "out_of_range", "scale must be 5 or 10."))
        elif each.average > each.scale:
            rule = f"average must be from 0 to the scale, {each.scale}."
            faults.append(Fault(f"#/ratings/{number}/average", "out_of_range", rule))
    faults += duplicates((each.source for each in ratings), "/ratings", "source")


def set_links(film: Film, values: FilmChanges, links: Links, *, whole: bool, is_new: bool) -> None:
    """Write what has been looked up. whole: whether external ids that the input does not name go."""
    for name, found in links.lists.items():
        made = MAKERS[name](names=found.names) if found.names else {}
        getattr(film, name).set([*found.keys, *made.values()])
    people = made_people(links.people, values)
    set_credits(film, values, people)
    if values.titles is not UNSET:
        titles = {(each.title, each.region, each.language): {"kind": str(each.kind)} for each in listed(values.titles)}
        set_rows(Title, film.pk, ("title", "region_id", "language_id"), titles)
    if values.external_ids is not UNSET:
        ids = values.external_ids
        set_ids(film.external_ids, ids or {}, whole=whole or ids is None, is_new=is_new)
    set_ratings(film, values)


def collection_id(links: Links) -> int | None:
    """The id of the collection that was looked up, made where there was none of that name."""
    found = links.collection or Referred()
    if found.names:
        return ensure_collections(names=found.names)[found.names[0]]
    return next(iter(found.keys), None)


def made_people(people: People, values: FilmChanges) -> Callable[[Any], int]:
    """What gives the id of whom a credit means; those of unknown names are made, in the order of the credits."""
    keys = [people.key(each.person) for each in (*listed(values.cast), *listed(values.crew))]
    names = dict.fromkeys(key for key in keys if isinstance(key, str))
    made = Person.objects.bulk_create([Person(name=name) for name in names])
    ids = {person.name: person.pk for person in made}
    return lambda whom: ids[key] if isinstance(key := people.key(whom), str) else key


def set_credits(film: Film, values: FilmChanges, person_id: Callable[[Any], int]) -> None:
    if values.cast is not UNSET:
        cast = {
            (person_id(each.person), each.character): {"order": number if each.order is UNSET else each.order}
            for number, each in enumerate(listed(values.cast))
        }
        set_rows(CastCredit, film.pk, ("person_id", "character"), cast)
    if values.crew is not UNSET:
        crew = {
            (person_id(each.person), each.job): {
                "department": str(each.department),
                "order": number if each.order is UNSET else each.order,
            }
            for number, each in enumerate(listed(values.crew))
        }
        set_rows(CrewCredit, film.pk, ("person_id", "job"), crew)


def set_ratings(film: Film, values: FilmChanges) -> None:
    if values.ratings is UNSET:
        return
    ratings = {
        (str(each.source),): {"average": float(each.average), "scale": each.scale, "count": each.count}
        for each in listed(values.ratings)
    }
    if set_rows(Rating, film.pk, ("source",), ratings):
        refresh_rating(film_id=film.pk)
