"""Whether a body's value is what a struct says: all faults at once, where msgspec itself stops at the first.

The rules are the struct's own: its types and their Meta. Each fault has a JSON pointer, a code and a sentence.
"""

import re
from collections.abc import Container, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import UNSET, inspect

from catalog.api.http.parsers import SHOWN_LENGTH, shown
from catalog.errors import Fault, Form
from catalog.values.likeness import nearest

S = TypeVar("S", bound=msgspec.Struct)

FAULT_LIMIT = 100
"""More than these nobody mends in one go."""

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
SURROGATE = re.compile("[\ud800-\udfff]")
WORDS: Mapping[type[inspect.Type], str] = {
    inspect.NoneType: "null",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.StrType: "text",
    inspect.EnumType: "text",
    inspect.DateType: "a date as text",
    inspect.ListType: "an array",
    inspect.DictType: "an object",
    inspect.StructType: "an object",
}

TYPES: Mapping[type[inspect.Type], Any] = {
    inspect.NoneType: type(None),
    inspect.BoolType: bool,
    inspect.IntType: int,
    inspect.FloatType: int | float,
    inspect.ListType: list,
    inspect.DictType: dict,
    inspect.StructType: dict,
}
"""What the JSON of a type is in Python; of all others it is text."""


def validated(value: Any, kind: type[msgspec.Struct], whole: type[S]) -> tuple[S, Form]:
    """What could be read of a JSON value as a `whole`, whose members may all be absent, and all faults against `kind`.

    kind: `whole`, or a struct of the same members that demands some of them. Where there are too many faults to tell,
    nothing is read.
    """
    faults = list(islice(judged(value, type_of(kind), ""), FAULT_LIMIT))
    if not faults:
        return msgspec.convert(value, whole), Form()
    if len(faults) == FAULT_LIMIT:
        return whole(), Form(faults)
    remains = Remains({fault.pointer for fault in faults})
    sound = remains.of(value, type_of(whole), "#")
    return msgspec.convert({} if sound is UNSET else sound, whole), Form(faults, remains.places)


class Remains:
    """What is left of a value without its faulty parts: members, and items of lists."""

    def __init__(self, bad: Container[str]) -> None:
        self.bad = bad
        self.places: dict[str, list[int]] = {}

    def of(self, value: Any, info: inspect.Type, at: str) -> Any:
        """What is left of the value at that pointer; UNSET where nothing is."""
        fitting = chosen(value, info)
        if at in self.bad or fitting is None:
            return UNSET
        if isinstance(fitting, inspect.StructType):
            fields = {each.encode_name: each for each in fitting.fields}
            left = self.members(value, {name: each.type for name, each in fields.items()}, at)
            return UNSET if any(each.required and name not in left for name, each in fields.items()) else left
        if isinstance(fitting, inspect.DictType):
            return self.members(value, dict.fromkeys(value, fitting.value_type), at)
        if isinstance(fitting, inspect.ListType):
            return self.items(value, fitting.item_type, at)
        return value

    def members(self, value: dict[str, Any], types: Mapping[str, inspect.Type], at: str) -> dict[str, Any]:
        parts = ((name, self.of(each, types[name], at + step(name))) for name, each in value.items() if name in types)
        return {name: part for name, part in parts if part is not UNSET}

    def items(self, value: list[Any], info: inspect.Type, at: str) -> list[Any]:
        parts = ((number, self.of(each, info, at + step(number))) for number, each in enumerate(value))
        left = {number: part for number, part in parts if part is not UNSET}
        if len(left) < len(value):
            self.places[at] = list(left)
        return list(left.values())


def chosen(value: Any, info: inspect.Type) -> inspect.Type | None:
    """The type that a value is judged by, without its Meta; None where none takes it."""
    if isinstance(info, inspect.Metadata):
        return chosen(value, info.type)
    if isinstance(info, inspect.UnionType):
        found = (chosen(value, each) for each in info.types)
        return next((each for each in found if each is not None), None)
    return info if isinstance(info, inspect.AnyType) or takes(value, info) else None


@lru_cache(maxsize=32)
def type_of(kind: Any) -> inspect.Type:
    """Msgspec's description of a type; made once."""
    return inspect.type_info(kind)


def fault(at: str, code: str, rule: str) -> Fault:
    """A fault of the value at the pointer `at`; its sentence begins with the value's name."""
    return Fault(f"#{at}", code, f"{at.removeprefix('/') or 'The body'} {rule}.")


def step(name: str | int) -> str:
    """One step of a JSON pointer as a URI fragment has it (RFC 6901, section 6)."""
    return "/" + quote(str(name)[:SHOWN_LENGTH].replace("~", "~0").replace("/", "~1"), errors="replace")


def judged(value: Any, info: inspect.Type, at: str) -> Iterator[Fault]:
    """What is wrong with a value, and with all within it."""
    fitting = chosen(value, info)
    if fitting is None:
        yield from wrong_type(value, info, at)
    elif isinstance(fitting, inspect.StructType):
        yield from judged_members(value, fitting, at)
    elif isinstance(fitting, inspect.DictType):
        yield from judged_mapping(value, fitting, at)
    elif isinstance(fitting, inspect.ListType):
        yield from judged_items(value, fitting, at)
    elif not isinstance(fitting, inspect.AnyType):
        yield from judged_scalar(value, fitting, at)


def takes(value: Any, info: inspect.Type) -> bool:
    """Whether a value has the JSON type that is wanted."""
    if isinstance(value, bool):
        return isinstance(info, inspect.BoolType)
    return isinstance(value, TYPES.get(type(info), str))


def wrong_type(value: Any, info: inspect.Type, at: str) -> Iterator[Fault]:
    plain = info.type if isinstance(info, inspect.Metadata) else info
    kinds = plain.types if isinstance(plain, inspect.UnionType) else (plain,)
    bare = [each.type if isinstance(each, inspect.Metadata) else each for each in kinds]
    wanted = " or ".join(dict.fromkeys(WORDS[type(each)] for each in bare))
    yield fault(at, "wrong_type", f"must be {wanted}, not {called(value)}")


def called(value: Any) -> str:
    """A value as a sentence names it."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    if isinstance(value, str):
        return "text"
    if value is None or isinstance(value, bool):  # to Python 0 is False too
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)[:SHOWN_LENGTH]


def judged_members(value: dict[str, Any], info: inspect.StructType, at: str) -> Iterator[Fault]:
    fields = {each.encode_name: each for each in info.fields}
    for name, member in value.items():
        if name in fields:
            yield from judged(member, fields[name].type, at + step(name))
        else:
            hint = nearest(printable(name), fields)
            yield fault(at + step(name), "unknown_member", f"is no member here{hint}")
    for name, each in fields.items():
        if each.required and name not in value:
            yield fault(at + step(name), "required", "must be there")


def judged_mapping(value: dict[str, Any], info: inspect.DictType, at: str) -> Iterator[Fault]:
    for name, each in value.items():
        if not any(judged(name, info.key_type, at)):
            yield from judged(each, info.value_type, at + step(name))
        else:
            known = enum_values(info.key_type)
            yield fault(at + step(name), "unknown_member", f"is no member here{nearest(printable(name), known)}")


def judged_items(value: list[Any], info: inspect.ListType, at: str) -> Iterator[Fault]:
    if info.max_length is not None and len(value) > info.max_length:
        yield fault(at, "too_many", f"must have at most {info.max_length} items, not {len(value)}")
        return
    for number, each in enumerate(value):
        yield from judged(each, info.item_type, at + step(number))


def judged_scalar(value: Any, info: inspect.Type, at: str) -> Iterator[Fault]:
    if isinstance(info, inspect.IntType | inspect.FloatType):
        if (info.ge is not None and value < info.ge) or (info.le is not None and value > info.le):
            low, high = (str(end).removesuffix(".0") for end in (info.ge, info.le))
            yield fault(at, "out_of_range", f"must be from {low} to {high}, not {called(value)}")
    elif isinstance(value, str):
        yield from judged_text(value, info, at)


def judged_text(value: str, info: inspect.Type, at: str) -> Iterator[Fault]:
    if "\0" in value:
        yield fault(at, "nul", "must not contain a NUL character")
    elif SURROGATE.search(value):
        yield fault(at, "surrogate", "must not contain half of a surrogate pair")
    elif isinstance(info, inspect.EnumType):
        known = enum_values(info)
        if value not in known:
            yield fault(at, "unknown_value", f"must not be {shown(value)}{nearest(value, known)}")
    elif isinstance(info, inspect.DateType):
        if not is_date(value):
            yield fault(at, "bad_date", f"must be a day that there is, as '1994-09-23', not {shown(value)}")
    elif isinstance(info, inspect.StrType):
        yield from judged_length(value, info, at)


def judged_length(value: str, info: inspect.StrType, at: str) -> Iterator[Fault]:
    if info.min_length and not value.strip():
        yield fault(at, "blank", "must not be blank")
    elif info.min_length is not None and len(value) < info.min_length:
        yield fault(at, "too_short", f"must be at least {info.min_length} characters long, not {len(value)}")
    elif info.max_length is not None and len(value) > info.max_length:
        yield fault(at, "too_long", f"must be at most {info.max_length} characters long, not {len(value)}")
    elif info.pattern is not None and not re.search(info.pattern.replace("$", r"\Z"), value, re.ASCII):
        yield fault(at, "bad_form", f"must have the form {info.pattern}, not {shown(value)}")


def enum_values(info: inspect.Type) -> list[str]:
    """The values of an enumeration."""
    return [each.value for each in info.cls] if isinstance(info, inspect.EnumType) else []


def is_date(text: str) -> bool:
    """Whether it is a calendar date in ISO 8601's extended form, from the year 1 on."""
    try:
        return bool(DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def printable(text: str) -> str:
    """Text that can be encoded, whatever a client wrote."""
    return text.encode(errors="replace").decode()
