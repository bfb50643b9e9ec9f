"""Places in the log, as clients keep them: what follows one, on either kind of database."""

import re
from hashlib import blake2b
from typing import NamedTuple, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.changes.dialect import one
from catalog.changes.postgresql import EPOCH
from catalog.errors import Gone
from catalog.values import ChangeKind

SNAPSHOT_LENGTH = 1500
"""A longer snapshot lists so many transactions in progress that repeating them costs less than carrying it about."""

POSITION_LENGTH = 2 * SNAPSHOT_LENGTH + 100

NOWHERE = (0, 0)

COLUMNS = "entity, entity_id, film_id, kind, version FROM catalog_change"


class Row(NamedTuple):
    """One row of the log, of which a portion needs no more."""

    xid: int
    id: int
    entity: str
    entity_id: str
    film_id: int | None
    kind: str
    version: int | None

    @property
    def key(self) -> "Key | None":
        """The film or person that it tells of; None for what no mirror keeps."""
        if self.kind == ChangeKind.DRAFT:
            return None
        if self.film_id is not None:
            return Key("film", self.film_id)
        return Key("person", int(self.entity_id)) if self.entity == "person" else None


class Key(NamedTuple):
    """A film or person: `film` or `person`, and its id."""

    entity: str
    id: int


class Place(Protocol):
    """A place in the log of one kind of database."""

    @property
    def walking(self) -> bool:
        """Whether its end was set when a walk of several pages began."""

    @property
    def behind(self) -> bool:
        """Whether something may follow that end by now."""

    def rows(self, limit: int) -> list[Row]:
        """What follows it, at most `limit` rows."""

    def after(self, row: Row) -> str:
        """The place after a row that `rows` gave."""

    def end(self) -> str:
        """The place after all that `rows` can give."""


class Opened(NamedTuple):
    """The log of one life, at a place."""

    epoch: str
    place: Place

    def named(self, place: str) -> str:
        return f"{self.epoch}~{place}"

    def after(self, row: Row) -> str:
        """The position after a row."""
        return self.named(self.place.after(row))

    @property
    def end(self) -> str:
        """The position after all that there is."""
        return self.named(self.place.end())


def place_of(position: str, epoch: str) -> str:
    """The place that a position of this life of the log names. Raises ValueError, and Gone for another life."""
    life, _, place = position.partition("~")
    if not re.fullmatch(r"[0-9a-f]{12}~[0-9:,._]+", position, re.ASCII) or len(position) > POSITION_LENGTH:
        raise ValueError(position)
    if life != epoch:
        raise Gone("The position is of an earlier life of the catalogue.")
    return place


def digest(epoch: str) -> str:
    """The name of a life as positions have it."""
    return blake2b(epoch.encode(), digest_size=6).hexdigest()


class SqlitePlace(NamedTuple):
    """After the row `id`. There is one writer, so that ids are in the order of commits."""

    connection: BaseDatabaseWrapper
    id: int
    last: tuple[int, int]

    @property
    def walking(self) -> bool:
        return False

    @property
    def behind(self) -> bool:
        return False

    def rows(self, limit: int) -> list[Row]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT xid, id, {COLUMNS} WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
                [self.id, self.last[0], limit],
            )
            return [Row(*row) for row in cursor.fetchall()]

    def after(self, row: Row) -> str:
        return f"{row.id}.{row.xid}"

    def end(self) -> str:
        return "{}.{}".format(*self.last)


def open_sqlite(connection: BaseDatabaseWrapper, position: str | None) -> Opened:
    """The log at `position`, or at its end. Raises what `since` does."""
    found = one(
        connection,
        "SELECT log.epoch, log.pruned, last.id, last.xid FROM catalog_changelog log LEFT JOIN catalog_change last"
        " ON last.id = (SELECT max(id) FROM catalog_change) WHERE log.open",
    )
    if found is None:
        raise ConnectionError("a migration has closed the log")
    epoch, pruned, last = digest(found[0]), found[1], (found[2] or 0, found[3] or 0)
    if position is None:
        return Opened(epoch, SqlitePlace(connection, last[0], last))
    row_id, milliseconds = (int(part) for part in place_of(position, epoch).split("."))
    if row_id < pruned:
        raise Gone("What has changed since that position is no longer kept.")
    # An older copy of the file, put back, has other rows under the same ids.
    if row_id and one(connection, "SELECT xid FROM catalog_change WHERE id = %s", [row_id]) != (milliseconds,):
        raise Gone("The position is of another copy of the catalogue.")
    return Opened(epoch, SqlitePlace(connection, row_id, last))


class Snapshot(NamedTuple):
    """PostgreSQL's own: every transaction below `xmin` is over, none from `xmax` on had begun."""

    xmin: int
    xmax: int
    text: str

    @classmethod
    def of(cls, text: str) -> "Snapshot":
        """Raises ValueError for what is none."""
        xmin, xmax, running = text.split(":")
        if not 0 < int(xmin) <= int(xmax) < 2**63:
            raise ValueError(text)
        return cls(int(xmin), int(xmax), f"{int(xmin)}:{int(xmax)}:{running}")

    @property
    def cautious(self) -> str:
        """The snapshot that has seen no more than what is certainly over: some of what this one saw comes again."""
        return f"{self.xmin}:{self.xmin}:"


class PostgresqlPlace(NamedTuple):
    """After all that `old` saw; on a walk to `new` also after a row. Ids are not in the order of commits."""

    connection: BaseDatabaseWrapper
    old: Snapshot
    new: Snapshot
    now: Snapshot
    standby: bool
    passed: tuple[int, int] = NOWHERE

    @property
    def walking(self) -> bool:
        return self.passed != NOWHERE

    @property
    def behind(self) -> bool:
        return self.new != self.now

    def rows(self, limit: int) -> list[Row]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT xid::text AS writer, id, {COLUMNS}"
                " WHERE xid >= pg_snapshot_xmin(%(old)s::pg_snapshot)"
                " AND NOT pg_visible_in_snapshot(xid, %(old)s::pg_snapshot)"
                " AND pg_visible_in_snapshot(xid, %(new)s::pg_snapshot)"
                " AND (xid, id) > (%(xid)s::text::xid8, %(id)s) ORDER BY xid, id LIMIT %(limit)s",
                {
                    "old": self.old.text,
                    "new": self.new.text,
                    "xid": str(self.passed[0]),
                    "id": self.passed[1],
                    "limit": limit,
                },
            )
            return [Row(int(xid), *rest) for xid, *rest in cursor.fetchall()]

    def after(self, row: Row) -> str:
        new = self.new.cautious if len(self.new.text) > SNAPSHOT_LENGTH else self.new.text
        return f"{self.old.text}_{new}_{row.xid}.{row.id}"

    def end(self) -> str:
        # A standby's snapshots do not list what is in progress on the primary.
        return self.new.cautious if self.standby or len(self.new.text) > SNAPSHOT_LENGTH else self.new.text


def open_postgresql(connection: BaseDatabaseWrapper, position: str | None) -> Opened:
    """The log at `position`, or at its end. Raises what `since` does."""
    found = one(
        connection,
        f"SELECT {EPOCH}, pruned, pg_current_snapshot()::text, pg_is_in_recovery() FROM catalog_changelog WHERE open",
    )
    if found is None:
        raise ConnectionError("a migration has closed the log")
    epoch, pruned, present, standby = digest(found[0]), *found[1:]
    now = Snapshot.of(present)
    if position is None:
        return Opened(epoch, PostgresqlPlace(connection, now, now, now, standby))
    begun, *way = place_of(position, epoch).split("_")
    old = Snapshot.of(begun)
    # A dump loaded elsewhere counts transactions from the start again.
    if old.xmin <= pruned <= now.xmax:
        raise Gone("What has changed since that position is no longer kept.")
    # A replica may be behind; on a primary it has been put back to an earlier time.
    if old.xmax > now.xmax and not standby:
        raise Gone("The position is of another copy of the catalogue.")
    if not way:
        return Opened(epoch, PostgresqlPlace(connection, old, now, now, standby))
    target, row = way
    xid, row_id = (int(part) for part in row.split("."))
    return Opened(epoch, PostgresqlPlace(connection, old, Snapshot.of(target), now, standby, (xid, row_id)))


OPENERS = {"sqlite": open_sqlite, "postgresql": open_postgresql}
