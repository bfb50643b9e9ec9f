"""Every member that a body may have, tried with every value that its type forbids.

None is left out, since the table of members is made from the definitions themselves.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from msgspec import Struct, inspect

from catalog.api.http.validation import validated
from catalog.api.webhooks import WebhookChanges, WebhookInput
from catalog.services.inputs import FilmChanges, FilmInput, PersonChanges, PersonInput

KINDS: dict[str, tuple[type[Struct], type[Struct]]] = {
    "film": (FilmInput, FilmChanges),
    "person": (PersonInput, PersonChanges),
    "webhook": (WebhookInput, WebhookChanges),
}
SOUND: dict[str, Any] = {
    "title": "X", "name": "X", "slug": "drama", "code": "US", "person": {"name": "X"}, "department": "Directing",
    "job": "Writer", "source": "imdb", "average": 5, "count": 1, "url": "https://example.org/",
}  # fmt: skip
"""What stands for the members that must be there beside the one that is tried."""


class Member(NamedTuple):
    """A member, or an item or value within it: where it stands, its types, and a body with a value in its place."""

    pointer: str
    types: tuple[inspect.Type, ...]
    body: Callable[[Any], Any]


def members(info: inspect.Type, pointer: str, body: Callable[[Any], Any]) -> Iterator[Member]:
    """The value at the pointer, and all within it; what the service keeps itself may be anything, and is left out."""
    types = tuple(alternatives(info))
    if not any(isinstance(each, inspect.AnyType) for each in types):
        yield Member(pointer, types, body)
    for each in types:
        if isinstance(each, inspect.StructType):
            required = {field.encode_name: SOUND[field.encode_name] for field in each.fields if field.required}
            for field in each.fields:
                yield from members(field.type, f"{pointer}/{field.encode_name}", within(body, field, required))
        elif isinstance(each, inspect.ListType):
            yield from members(each.item_type, f"{pointer}/0", lambda value: body([value]))
        elif isinstance(each, inspect.DictType):
            yield from members(each.value_type, f"{pointer}/imdb", lambda value: body({"imdb": value}))


def within(body: Callable[[Any], Any], field: inspect.Field, required: dict[str, Any]) -> Callable[[Any], Any]:
    return lambda value: body({**required, field.encode_name: value})


def alternatives(info: inspect.Type) -> Iterator[inspect.Type]:
    """What a value may be, without Meta."""
    if isinstance(info, inspect.Metadata):
        yield from alternatives(info.type)
    elif isinstance(info, inspect.UnionType):
        for each in info.types:
            yield from alternatives(each)
    else:
        yield info


MEMBERS = [
    pytest.param(kind, member, id=f"{kind} {member.pointer} {' '.join(type(each).__name__ for each in member.types)}")
    for kind, (whole, _) in KINDS.items()
    for member in members(inspect.type_info(whole), "#", lambda value: value)
]

JSON: dict[type[inspect.Type], Any] = {
    inspect.NoneType: None,
    inspect.BoolType: True,
    inspect.IntType: 7,
    inspect.FloatType: 7.5,
    inspect.StrType: "text",
    inspect.ListType: [],
    inspect.StructType: {},
}
TEXTS = (inspect.StrType, inspect.EnumType, inspect.DateType)


def forbidden(types: tuple[inspect.Type, ...]) -> Iterator[tuple[Any, str]]:
    """Values that none of the types takes, each with the code of its fault."""
    yield from ((value, "wrong_type") for kind, value in JSON.items() if not any(takes(each, kind) for each in types))
    for each in types:
        if isinstance(each, inspect.IntType | inspect.FloatType):
            yield from ((value, "out_of_range") for value in numbers_beyond(each))
        elif isinstance(each, inspect.ListType) and each.max_length is not None:
            yield [7] * (each.max_length + 1), "too_many"
        elif isinstance(each, TEXTS):
            yield from texts_beyond(each)


def takes(info: inspect.Type, kind: type[inspect.Type]) -> bool:
    """Whether a type takes the JSON that stands for a kind."""
    if isinstance(info, inspect.FloatType):
        return kind in {inspect.FloatType, inspect.IntType}
    if isinstance(info, inspect.DictType):
        return kind is inspect.StructType
    return kind is inspect.StrType if isinstance(info, TEXTS) else kind is type(info)


def numbers_beyond(info: inspect.IntType | inspect.FloatType) -> Iterator[float]:
    """Beyond either end, beyond 64 bits, and beyond what a double holds."""
    assert info.ge is not None
    assert info.le is not None
    yield from (info.ge - 1, info.le * 2, 2**63, -(2**63), 2**64, 10**400)
    if isinstance(info, inspect.FloatType):
        yield from (float("inf"), float("-inf"))


def texts_beyond(info: inspect.Type) -> Iterator[tuple[str, str]]:
    """Texts that are none, or too long, or not of the form."""
    yield from (("a\0b", "nul"), ("\ud800", "surrogate"), ("a\udfff", "surrogate"))
    if isinstance(info, inspect.EnumType):
        yield from (("nothing of the kind", "unknown_value"), ("", "unknown_value"))
    elif isinstance(info, inspect.DateType):
        days = ("", "1999-02-30", "1900-02-29", "0000-01-01", "1999-13-01", "1999-1-1", "19990101", "1999-01-01T00:00")
        yield from ((day, "bad_date") for day in (*days, "١٩٩٩-01-01", "1999-01-01\n"))
    elif isinstance(info, inspect.StrType):
        if info.min_length is not None:
            yield from (("", "blank"), (" \n\u2003", "blank"))
        if info.max_length is not None:
            yield "x" * (info.max_length + 1), "too_long"
        if info.pattern is not None:
            yield from (("?", "bad_form"), ("", "bad_form"))


@pytest.mark.contract("errors.faults")
@pytest.mark.parametrize("kind, member", MEMBERS)
def test_what_a_member_may_not_be_is_told_at_its_place(kind: str, member: Member) -> None:
    tried = list(forbidden(member.types))
    for value, code in tried:
        _, form = validated(member.body(value), *KINDS[kind])
        assert (member.pointer, code) in {(each.pointer, each.code) for each in form.faults}, value
    assert len(tried) >= 5


@pytest.mark.parametrize("kind, member", MEMBERS)
def test_an_object_takes_no_member_that_it_does_not_know(kind: str, member: Member) -> None:
    if any(isinstance(each, inspect.StructType | inspect.DictType) for each in member.types):
        _, form = validated(member.body({"nothing": 1}), *KINDS[kind])
        assert (f"{member.pointer}/nothing", "unknown_member") in {(each.pointer, each.code) for each in form.faults}


def test_every_member_is_tried() -> None:
    tried = {member.values[1].pointer for member in MEMBERS if member.values[0] == "film"}  # type: ignore[union-attr]
    own = {"#/id", "#/rating", "#/votes", "#/poster", "#/version", "#/created", "#/updated"}
    assert {f"#/{name}" for name in FilmInput.__struct_fields__} - tried == own
    assert {"#/cast/0/person/id", "#/titles/0/region", "#/genres/0/slug", "#/external_ids/imdb"} <= tried
