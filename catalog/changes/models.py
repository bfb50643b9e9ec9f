"""The change log's own tables. Triggers write the log, whoever makes the change; nothing else does."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.values import ChangeKind


class TransactionIdField(models.BigIntegerField):  # type: ignore[type-arg]
    """The id of the transaction that wrote a row, on PostgreSQL, where ids of rows are not in the order of commits.

    SQLite has no such ids; there it holds the milliseconds since 1970, so that a row can be told from the one that got
    the same id after an older copy of the file was put back.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "xid8" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        number = super().get_db_prep_value(value, connection, prepared)
        # PostgreSQL takes text for an xid8, and no number.
        return str(value) if connection.vendor == "postgresql" and value is not None else number

    def from_db_value(self, value: Any, *_: Any) -> int | None:
        return None if value is None else int(value)


class Change(models.Model):
    """One change of one row that an answer can show; or `reset`: anything may have changed.

    entity_id: the changed row's key, as text; '' for a reset. film_id: the film that it changes, if any.
    version: the film's or person's after the change; a deleted one's is higher than any before.
    before, after: of an update only the columns that differ. What belongs to a person is told in an update of the
    person, as a whole row under the name of its entity.
    """

    xid = TransactionIdField()
    entity = models.CharField(max_length=30)
    entity_id = models.CharField(max_length=30)
    film_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ChangeKind])
    version = models.PositiveIntegerField(null=True)
    actor = models.CharField(max_length=200, null=True)
    request_id = models.CharField(max_length=64, null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["xid", "id"], name="change_by_transaction"),
            models.Index(fields=["film_id", "id"], name="change_by_film"),
            # Whether what stood under an id has been deleted, and when.
            models.Index(fields=["entity", "entity_id"], condition=models.Q(kind="deleted"), name="change_deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entity} {self.entity_id}".rstrip()


class ChangeLog(models.Model):
    """The log as a whole, in one row.

    epoch: names this life of the log; a position of another epoch means nothing.
    open: whether the triggers stand. While a migration has taken them away, everything counts as changed.
    pruned: the last row's id (SQLite) or the newest transaction (PostgreSQL) that was deleted for its age.
    """

    epoch = models.CharField(max_length=32)
    open = models.BooleanField()
    pruned = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return self.epoch


class BulkGuard(models.Model):
    """Stands, on SQLite, while a transaction has told the triggers to keep silent.

    It refers to a change that never is, and that is looked at when the transaction ends: COMMIT fails as long as it
    stands, so that nobody can leave the triggers silent.
    """

    change = models.ForeignKey(Change, models.DO_NOTHING, related_name="+")

    def __str__(self) -> str:
        return "bulk"


class Displaced(models.Model):
    """A row that another is about to take the place of, on SQLite: what the log says if it is gone after the write.

    origin: the entity of its table (definitions.py). row_id: its primary key. The rest is as in Change.
    """

    origin = models.CharField(max_length=30)
    row_id = models.BigIntegerField()
    entity = models.CharField(max_length=30)
    entity_id = models.CharField(max_length=30)
    film_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ChangeKind])
    version = models.PositiveIntegerField(null=True)
    before = models.JSONField()

    class Meta:
        verbose_name_plural = "displaced"

    def __str__(self) -> str:
        return f"{self.origin} {self.row_id}"
