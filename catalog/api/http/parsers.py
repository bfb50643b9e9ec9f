"""Parsers of the values that a query holds: each reads one text, and has the JSON schema of what it takes."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from catalog.values import Bounds, Choice
from catalog.values.likeness import nearest

T = TypeVar("T")
Schema = Mapping[str, Any]
"""A JSON schema, in the dialect of OpenAPI 3.1."""

LIST_LIMIT = 200
TEXT_LIMIT = 200
SHOWN_LENGTH = 60
FAULT_LIMIT = 10
"""More faults of one list than this help nobody, and each costs a search for the nearest name."""

UNSPEAKABLE = re.compile("[\0\ud800-\udfff]")


class Refused(ValueError):
    """A value breaks a rule: a code for programs, and the end of a sentence that begins with the parameter's name."""

    def __init__(self, code: str, rule: str) -> None:
        super().__init__(rule)
        self.code = code


class Parser(Generic[T]):
    """What reads one text, and the schema of the texts that it takes. Raises Refused, or a group of it."""

    __slots__ = ("parse", "schema")

    def __init__(self, parse: Callable[[str], T], schema: Schema) -> None:
        self.parse = parse
        self.schema = schema

    def __call__(self, text: str) -> T:
        return self.parse(text)


def described(schema: Schema) -> Callable[[Callable[[str], T]], Parser[T]]:
    """A decorator that makes a parser of a function and the schema of what it takes."""
    return lambda parse: Parser(parse, schema)


def speakable(text: str) -> bool:
    """Whether databases can store the text: Unicode without NUL (PostgreSQL has none) and without lone surrogates."""
    return not UNSPEAKABLE.search(text)


def shown(text: str) -> str:
    """A client's text within quotes, cut where it is long."""
    return f"'{text}'" if len(text) <= SHOWN_LENGTH else f"'{text[:SHOWN_LENGTH]}…'"


def whole(low: int, high: int) -> Parser[int]:
    """A parser of whole numbers from `low` to `high`, both included."""
    form = re.compile(r"-?[0-9]{1,20}", re.ASCII)

    @described({"type": "integer", "minimum": low, "maximum": high})
    def parse(text: str) -> int:
        if form.fullmatch(text) is None:
            raise Refused("not_whole", f"must be a whole number from {low} to {high}, not {shown(text)}")
        if not low <= (number := int(text)) <= high:
            raise Refused("out_of_range", f"must be from {low} to {high}, not {text}")
        return number

    return parse


def decimal(low: float, high: float) -> Parser[float]:
    """A parser of decimal numbers from `low` to `high`, both included; no exponents, no NaN."""

    @described({"type": "number", "minimum": low, "maximum": high})
    def parse(text: str) -> float:
        if not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", text, re.ASCII):
            raise Refused("not_a_number", f"must be a number from {low:g} to {high:g}, not {shown(text)}")
        if not low <= float(text) <= high:
            raise Refused("out_of_range", f"must be from {low:g} to {high:g}, not {text}")
        return float(text)

    return parse


def interval(parse_number: Parser[float]) -> Parser[Bounds]:
    """A parser of `8`, `7..8`, `7..` and `..8`: inclusive ranges, either end of which may be open."""

    number = "[0-9]{1,20}" if parse_number.schema["type"] == "integer" else r"[0-9]{1,20}(\.[0-9]{1,20})?"

    @described({"type": "string", "pattern": rf"^({number}|{number}\.\.({number})?|\.\.{number})$"})
    def parse(text: str) -> Bounds:
        low_text, dots, high_text = text.partition("..")
        if not dots:
            number = parse_number(text)
            return Bounds(number, number)
        if not low_text and not high_text:
            raise Refused("empty_range", "needs a number on at least one side of '..'")
        low = parse_number(low_text) if low_text else None
        high = parse_number(high_text) if high_text else None
        if low is not None and high is not None and low > high:
            raise Refused("empty_range", f"must begin below its end, not {shown(text)}")
        return Bounds(low, high)

    return parse


@described({"type": "string", "minLength": 1, "maxLength": TEXT_LIMIT, "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"})
def text_value(text: str) -> str:
    """Literal text, neither blank nor longer than the limit."""
    if not text.strip():
        raise Refused("blank", "must not be blank")
    if len(text) > TEXT_LIMIT:
        raise Refused("too_long", f"must be at most {TEXT_LIMIT} characters long")
    return text


def listed(parse_item: Parser[T]) -> Parser[tuple[T, ...]]:
    """A parser of comma-separated items, 1 to the limit, none twice. Raises Refused, or a group of it."""

    # In a query a list is one text with commas: `style: form, explode: false` in OpenAPI's words.
    @described(
        {"type": "array", "items": parse_item.schema, "minItems": 1, "maxItems": LIST_LIMIT, "uniqueItems": True}
    )
    def parse(text: str) -> tuple[T, ...]:
        items = text.split(",", LIST_LIMIT)
        if len(items) > LIST_LIMIT:
            raise Refused("too_many", f"must name at most {LIST_LIMIT}")
        if "" in items:
            raise Refused("blank", "must not contain an empty item")
        parsed = tuple(parse_all(items, parse_item))
        if len(set(parsed)) < len(parsed):
            raise Refused("duplicate", "must not name anything twice")
        return parsed

    return parse


def parse_all(items: Iterable[str], parse_item: Callable[[str], T]) -> Iterator[T]:
    """Every item parsed. Raises a group of Refused with the faults of the first items that have any."""
    refused: list[Refused] = []
    for item in items:
        try:
            yield parse_item(item)
        except Refused as error:
            refused.append(error)
        if len(refused) == FAULT_LIMIT:
            break
    if refused:
        raise ExceptionGroup("items", refused)


def leaves(refused: "ExceptionGroup[Refused]") -> Iterator[Refused]:
    """The single faults of a group, which may hold groups."""
    for error in refused.exceptions:
        yield from leaves(error) if isinstance(error, ExceptionGroup) else (error,)


def choice(parse_item: Parser[Any]) -> Parser[Choice]:
    """A parser of `a,b` (either) and `!a,b` (neither)."""
    parse_items = listed(parse_item)
    item = "[1-9][0-9]{0,17}" if parse_item.schema["type"] == "integer" else r"[^!,\x00]*[^!,\s\x00][^!,\x00]*"

    @described({"type": "string", "pattern": f"^!?{item}(,{item})*$"})
    def parse(text: str) -> Choice:
        negated = text.startswith("!")
        bare = text[1:] if negated else text
        if "!" in bare:
            raise Refused("misplaced_not", "takes '!' at the beginning only: it negates the whole value")
        return Choice(tuple(sorted(parse_items(bare))), negated)

    return parse


def member(known: Collection[str], noun: str) -> Parser[str]:
    """A parser of one of the `known` names."""

    @described({"type": "string", "enum": sorted(known)})
    def parse(text: str) -> str:
        if text not in known:
            raise Refused(f"unknown_{noun}", f"names the unknown {noun} {shown(text)}{nearest(text, known)}")
        return text

    return parse
