"""Reading a query string: strict, typed, and with every fault found at once."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from catalog.errors import Fault
from catalog.values import Bounds, Choice

T = TypeVar("T")
Parser = Callable[[str], T]

PARAMETER_LIMIT = 64
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


class Query:
    """A query string, taken apart. Whatever is wrong is added to `faults`; nothing raises.

    known: the names that mean something here; any other is a fault that names the nearest of them.
    """

    def __init__(self, raw: str, known: Collection[str]) -> None:
        self.faults: list[Fault] = []
        self.given: dict[str, list[str]] = {}
        for name, value in self._pairs(raw):
            if name in known:
                self.given.setdefault(name, []).append(value)
            else:
                self.refuse(name, "unknown_parameter", f"There is no parameter {shown(name)}{nearest(name, known)}.")

    def _pairs(self, raw: str) -> list[tuple[str, str]]:
        try:
            raw.encode()  # a raw byte that is no UTF-8 may arrive as a lone surrogate
            pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=PARAMETER_LIMIT)
        except UnicodeError:
            self.faults.append(Fault("#", "not_utf8", "The query is not UTF-8."))
        except ValueError:
            self.faults.append(Fault("#", "too_many", f"The query has more than {PARAMETER_LIMIT} parameters."))
        else:
            if all(speakable(text) for pair in pairs for text in pair):
                return pairs
            self.faults.append(Fault("#", "nul", "The query contains a NUL character."))
        return []

    def refuse(self, name: str, code: str, detail: str) -> None:
        """Add a fault of the parameter `name`; the pointer is a URI fragment (RFC 6901, section 6)."""
        pointer = "#/" + quote(name[:SHOWN_LENGTH].replace("~", "~0").replace("/", "~1"))
        self.faults.append(Fault(pointer, code, detail))

    def each(self, name: str, parse: Parser[T]) -> tuple[T, ...]:
        """Every value of a parameter that may be repeated."""
        values: list[T] = []
        for text in self.given.get(name, ()):
            try:
                values.append(parse(text))
            except* Refused as refused:
                for error in leaves(refused):
                    self.refuse(name, error.code, f"{name} {error}.")
        return tuple(values)

    def one(self, name: str, parse: Parser[T]) -> T | None:
        """The value of a parameter that may stand once; None where it is absent or at fault."""
        if name not in self.given:
            return None
        if len(self.given[name]) > 1:
            self.refuse(name, "repeated", f"{name} may stand only once.")
            return None
        values = self.each(name, parse)
        return values[0] if values else None


def speakable(text: str) -> bool:
    """Whether databases can store the text: Unicode without NUL (PostgreSQL has none) and without lone surrogates."""
    return not UNSPEAKABLE.search(text)


def shown(text: str) -> str:
    """A client's text within quotes, cut where it is long."""
    return f"'{text}'" if len(text) <= SHOWN_LENGTH else f"'{text[:SHOWN_LENGTH]}…'"


def nearest(text: str, known: Collection[str]) -> str:
    """`; the nearest is 'title'`, as a continuation of a sentence; nothing where nothing is known."""
    by_key = {each.casefold(): each for each in known}
    close = get_close_matches(text[:SHOWN_LENGTH].casefold(), sorted(by_key), n=1, cutoff=0)
    return f"; the nearest is '{by_key[close[0]]}'" if close else ""


def whole(low: int, high: int) -> Parser[int]:
    """A parser of whole numbers from `low` to `high`, both included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,20}", text, re.ASCII):
            raise Refused("not_whole", f"must be a whole number from {low} to {high}, not {shown(text)}")
        if not low <= int(text) <= high:
            raise Refused("out_of_range", f"must be from {low} to {high}, not {text}")
        return int(text)

    return parse


def decimal(low: float, high: float) -> Parser[float]:
    """A parser of decimal numbers from `low` to `high`, both included; no exponents, no NaN."""

    def parse(text: str) -> float:
        if not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", text, re.ASCII):
            raise Refused("not_a_number", f"must be a number from {low:g} to {high:g}, not {shown(text)}")
        if not low <= float(text) <= high:
            raise Refused("out_of_range", f"must be from {low:g} to {high:g}, not {text}")
        return float(text)

    return parse


def interval(parse_number: Parser[float]) -> Parser[Bounds]:
    """A parser of `8`, `7..8`, `7..` and `..8`: inclusive ranges, either end of which may be open."""

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


def text_value(text: str) -> str:
    """Literal text, neither blank nor longer than the limit."""
    if not text.strip():
        raise Refused("blank", "must not be blank")
    if len(text) > TEXT_LIMIT:
        raise Refused("too_long", f"must be at most {TEXT_LIMIT} characters long")
    return text


def listed(parse_item: Parser[T]) -> Parser[tuple[T, ...]]:
    """A parser of comma-separated items, 1 to the limit, none twice. Raises Refused, or a group of it."""

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


def parse_all(items: Iterable[str], parse_item: Parser[T]) -> Iterator[T]:
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

    def parse(text: str) -> Choice:
        negated = text.startswith("!")
        bare = text[1:] if negated else text
        if "!" in bare:
            raise Refused("misplaced_not", "takes '!' at the beginning only: it negates the whole value")
        return Choice(tuple(sorted(parse_items(bare))), negated)

    return parse


def member(known: Collection[str], noun: str) -> Parser[str]:
    """A parser of one of the `known` names."""

    def parse(text: str) -> str:
        if text not in known:
            raise Refused(f"unknown_{noun}", f"names the unknown {noun} {shown(text)}{nearest(text, known)}")
        return text

    return parse
