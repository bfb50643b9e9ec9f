"""Dates that carry how much of them is known; the unknown part stands as 01."""

from datetime import date
from typing import Any

from msgspec import UNSET

from catalog.errors import Fault, Form
from catalog.values import Precision


def truncated(day: date, precision: str) -> date:
    """The date with 01 for what the precision leaves unknown.

    >>> truncated(date(1994, 9, 23), "month")
    datetime.date(1994, 9, 1)
    """
    if precision == Precision.YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if precision == Precision.MONTH else day


def dated(values: Any, row: Any, field: str, form: Form, faults: list[Fault]) -> None:
    """Put a date and its precision into the row, as an input has them; what is wrong is added to `faults`.

    field: `release`, `birth` or `death`. A date alone is known to the day; without a date nothing is known of it.
    """
    date_name, precision_name = f"{field}_date", f"{field}_precision"
    day, precision = getattr(values, date_name), getattr(values, precision_name)
    if (day is UNSET and precision is UNSET) or form.touches(f"#/{date_name}"):
        return
    if precision is UNSET:
        precision = None if day is None else getattr(row, precision_name)
    day = getattr(row, date_name) if day is UNSET else day
    if day is None and precision is not None:
        faults.append(Fault(f"#/{precision_name}", "misplaced", f"There is no {date_name} that this could be of."))
    if day is not None:
        precision = precision or Precision.DAY
        if truncated(day, precision) != day:
            rule = f"{date_name} must be {truncated(day, precision)} where {precision_name} is {precision}."
            faults.append(Fault(f"#/{date_name}", "too_precise", rule))
    setattr(row, date_name, day)
    setattr(row, precision_name, None if precision is None else str(precision))
