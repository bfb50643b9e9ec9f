"""Rules of a row that the database itself holds, each with the sentence that a form tells when it is broken."""

from enum import StrEnum

from django.db import models
from django.db.models import Q


def choices(values: type[StrEnum]) -> list[tuple[str, str]]:
    """Django's choices of an enumeration, labelled for people."""
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in values]


def words(field: str) -> str:
    """A column's name as a sentence has it."""
    return field.replace("_", " ")


def one_of(field: str, values: type[StrEnum]) -> models.CheckConstraint:
    """The database's own guard of an enumeration; NULL passes, as in SQL."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": [member.value for member in values]}),
        name=f"%(class)s_{field}_known",
        violation_error_message=f"This {words(field)} is not one of the list.",
    )


def within(field: str, low: float, high: float) -> models.CheckConstraint:
    """A range that the database holds, both ends included; NULL passes, as in SQL."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__gte": low, f"{field}__lte": high}),
        name=f"%(class)s_{field}_range",
        violation_error_message=f"The {words(field)} must be from {low} to {high}.",
    )


def not_blank(field: str) -> models.CheckConstraint:
    """Unknown text is NULL, never ''."""
    return models.CheckConstraint(
        condition=~Q(**{field: ""}),
        name=f"%(class)s_{field}_not_blank",
        violation_error_message=f"The {words(field)} must not be blank.",
    )


def dated(field: str, precision: str) -> models.CheckConstraint:
    """A date and how much of it is known are both there or both unknown."""
    both, neither = (Q(**{f"{field}__isnull": null, f"{precision}__isnull": null}) for null in (False, True))
    return models.CheckConstraint(
        condition=both | neither,
        name=f"%(class)s_{field}_has_precision",
        violation_error_message=f"The {words(field)} and its precision belong together: give both or neither.",
    )
