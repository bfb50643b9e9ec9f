"""Reading a query string: strict, typed, and with every fault found at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, quote

from catalog.api.http.parsers import SHOWN_LENGTH, Parser, Refused, leaves, shown, speakable
from catalog.errors import Fault
from catalog.values.likeness import nearest

T = TypeVar("T")

PARAMETER_LIMIT = 64

ITEM = r"[\w.~-]+=[\w.~-]*"
PLAIN = re.compile(rf"{ITEM}(&{ITEM})*", re.ASCII)
"""A query that says what it means: nothing is escaped, and nothing would be if it were written anew."""

BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
"""A `%` without its two digits (RFC 3986, 2.1): browsers read it as itself, others drop it or fail."""


@dataclass(frozen=True, kw_only=True)
class Parameter(Generic[T]):
    """One parameter of a query: what parses it, and what the OpenAPI document says of it.

    default: what holds without it, for the document. repeatable: whether it may stand more than once.
    required: whether its absence is a fault.
    """

    name: str
    parser: Parser[T]
    description: str
    example: Any = None
    default: Any = None
    repeatable: bool = False
    required: bool = False


class Query:
    """A query string, taken apart. Whatever is wrong is added to `faults`; nothing raises.

    known: what means something here; any other name is a fault that names the nearest of them. plain: whether its text
    says what it means. unread: whether its text means nothing at all, so that nobody knows what was given.
    """

    def __init__(self, raw: str, known: Mapping[str, Parameter[Any]]) -> None:
        self.faults: list[Fault] = []
        self.given: dict[str, list[str]] = {}
        self.plain = is_plain(raw)
        self.unread = False
        for name, value in self._pairs(raw):
            if name in known:
                self.given.setdefault(name, []).append(value)
            else:
                self.refuse(name, "unknown_parameter", f"There is no parameter {shown(name)}{nearest(name, known)}.")

    def _pairs(self, raw: str) -> list[tuple[str, str]]:
        try:
            return pairs_of(raw, plain=self.plain)
        except Refused as error:
            self.unread = True
            self.faults.append(Fault("#", error.code, f"The query {error}."))
            return []

    def refuse(self, name: str, code: str, detail: str) -> None:
        """Add a fault of the parameter `name`; the pointer is a URI fragment (RFC 6901, section 6)."""
        pointer = "#/" + quote(name[:SHOWN_LENGTH].replace("~", "~0").replace("/", "~1"))
        self.faults.append(Fault(pointer, code, detail))

    def each(self, parameter: Parameter[T]) -> tuple[T, ...]:
        """Every value of a parameter that may be repeated."""
        texts = self.given.get(parameter.name)
        return () if texts is None else self._parsed(parameter, texts)

    def one(self, parameter: Parameter[T]) -> T | None:
        """The value of a parameter that may stand once; None where it is absent or at fault."""
        texts = self.given.get(parameter.name)
        if texts is None:
            if parameter.required and not self.unread:
                self.refuse(parameter.name, "required", f"{parameter.name} is required.")
            return None
        if len(texts) > 1:
            self.refuse(parameter.name, "repeated", f"{parameter.name} may stand only once.")
            return None
        values = self._parsed(parameter, texts)
        return values[0] if values else None

    def _parsed(self, parameter: Parameter[T], texts: list[str]) -> tuple[T, ...]:
        values: list[T] = []
        for text in texts:
            try:
                values.append(parameter.parser.parse(text))
            except* Refused as refused:
                for error in leaves(refused):
                    self.refuse(parameter.name, error.code, f"{parameter.name} {error}.")
        return tuple(values)


def pairs_of(raw: str, *, plain: bool) -> list[tuple[str, str]]:
    """The names and values of a query; `plain` says whether it is. Raises Refused where its text means nothing."""
    if plain:
        return [(name, value) for name, _, value in [item.partition("=") for item in raw.split("&")]]
    if (broken := BROKEN_ESCAPE.search(raw)) is not None:
        raise Refused("bad_escape", f"has {shown(broken[0])}, which escapes nothing; '%' itself is '%25'")
    if raw.count("&") >= PARAMETER_LIMIT:
        raise Refused("too_many", f"has more than {PARAMETER_LIMIT} parameters")
    try:
        raw.encode()  # a raw byte that is no UTF-8 may arrive as a lone surrogate
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict")
    except UnicodeError as error:
        raise Refused("not_utf8", "is not UTF-8") from error
    if not all(speakable(text) for pair in pairs for text in pair):
        raise Refused("nul", "contains a NUL character")
    return pairs


def is_plain(raw: str) -> bool:
    """Whether a query is `PLAIN`, and no longer than it may be: nothing else can be wrong with its text."""
    return PLAIN.fullmatch(raw) is not None and raw.count("&") < PARAMETER_LIMIT


def by_name(parameters: Iterable[Parameter[Any]]) -> Mapping[str, Parameter[Any]]:
    """The parameters of a resource, as `Query` looks them up."""
    return {parameter.name: parameter for parameter in parameters}
