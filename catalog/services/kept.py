"""What the service keeps itself: an input may say it as it is, and nothing else."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from catalog.errors import Fault


def never_given(values: Any, names: Iterable[str]) -> list[Fault]:
    """A fault for each value that something new cannot be given."""
    given = (name for name in names if getattr(values, name) is not UNSET)
    return [Fault(f"#/{name}", "read_only", f"{name} is kept by the service: leave it out.") for name in given]


def untrue_values(values: Any, true: Mapping[str, Any]) -> list[Fault]:
    """A fault for each of the true values of which the input says otherwise."""
    return [
        Fault(f"#/{name}", "read_only", f"{name} is kept by the service, and is {shown(value)} now: leave it out.")
        for name, value in true.items()
        if (given := getattr(values, name)) is not UNSET and not same(given, value)
    ]


def same(given: Any, value: Any) -> bool:
    """Whether JSON says this value."""
    if isinstance(value, datetime):
        try:
            return msgspec.convert(given, datetime) == value
        except msgspec.ValidationError:
            return False
    return type(given) is not bool and bool(given == value)


def shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()
