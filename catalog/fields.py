"""Model fields that hold rules of the catalogue.

Unknown text is NULL, order is by a folded key, and what the database's triggers keep no instance overwrites.
"""

import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Model
from django.utils import timezone

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
    _OptionalText = models.TextField[str | None, str | None]
    _Version = models.PositiveIntegerField[int, int]
    _Time = models.DateTimeField[datetime, datetime]
else:
    _Text = _OptionalText = models.TextField  # Django's fields take no type arguments at run time
    _Version, _Time = models.PositiveIntegerField, models.DateTimeField


def fold(text: str) -> str:
    """The key that text sorts and compares by: compatibility forms unified, case and accents folded, blanks joined.

    >>> fold("  Amélie   Poulain ")
    'amelie poulain'
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return " ".join(unicodedata.normalize("NFC", bare).split())


class OptionalTextField(_OptionalText):
    """Text that may be unknown. Blank text is stored as NULL, whoever writes it through the ORM."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(null=True, blank=True)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return None if isinstance(prepared, str) and not prepared.strip() else prepared

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("null", None)
        kwargs.pop("blank", None)
        return name, path, args, kwargs


class SortKeyField(_Text):
    """`fold` of another field, kept on every save and compared byte by byte.

    Both databases then order alike: PostgreSQL by the collation "C", SQLite by BINARY, its default.
    """

    def __init__(self, *args: Any, source: str, length: int = 200, **kwargs: Any) -> None:
        self.source = source
        self.length = length
        kwargs.update(editable=False, default="")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("editable", "default"):
            kwargs.pop(implied, None)
        return name, path, args, {**kwargs, "source": self.source, "length": self.length}

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}

    def pre_save(self, model_instance: Model, add: bool) -> str:  # noqa: ARG002  Django names it
        key = fold(getattr(model_instance, self.source) or "")[: self.length]
        setattr(model_instance, self.attname, key)
        return key


class KeptVersionField(_Version):
    """Counts a row's changes: 1 at first, and raised by the database's triggers.

    Saving an instance leaves it alone, however old the instance is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, default=1)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: Model, add: bool) -> Any:
        return super().pre_save(model_instance, add) if add else F(self.attname)


class KeptDateTimeField(_Time):
    """When a row changed last: kept by the triggers that raise its version, and left alone by a save."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, blank=True)
        kwargs.pop("default", None)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: Model, add: bool) -> Any:
        """What the instance says of a new row, else now: read here, since a default is older than `created`."""
        if not add:
            return F(self.attname)
        if getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, timezone.now())
        return super().pre_save(model_instance, add)
