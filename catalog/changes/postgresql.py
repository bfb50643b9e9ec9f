"""The change log on PostgreSQL: what is asked of it.

Ids are not in the order of commits, so that a place in the log is a snapshot: what came since is what it did not see.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.changes.definitions import LOGGED, PREFIX
from catalog.changes.dialect import News, Stamp, changed, one
from catalog.changes.postgresql_bodies import INSERT_RESET
from catalog.changes.postgresql_sql import Trigger, triggers

PLACE = re.compile(r"\d{1,18}:\d{1,18}:[\d,]*(/\d{1,18})?")

LIKE_OURS = PREFIX.replace("_", r"\_") + "%"

FUNCTIONS = f"FROM pg_proc WHERE proname LIKE '{LIKE_OURS}' AND pronamespace = current_schema()::regnamespace"

PATH = "quote_ident(current_schema()) || ', pg_temp'"
"""Where the triggers' functions find our tables, before anybody's temporary ones."""

EPOCH = "epoch || '-' || (pg_control_system()).system_identifier || '-' || 'catalog_change'::regclass::oid"
"""The log's own epoch and where it lives: a dump that is restored elsewhere, or anew, is another epoch."""

TRIGGERS = (
    "(SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_trigger"
    f" WHERE tgname >= '{PREFIX}' AND tgname < '{PREFIX[:-1]}`')"
)
"""Grows when a trigger of ours is made, dropped or switched, since ids of transactions do; a backquote follows `_`."""

LIFE = f"{EPOCH} || '-' || {TRIGGERS} || '-' || pg_relation_filenode('catalog_change')"
"""Also the triggers' and the table's: while one was away nobody told what changed, and an emptied log tells nothing."""

POSITION = (
    f"SELECT {LIFE}, pruned::text, pg_current_snapshot()::text, pg_is_in_recovery() FROM catalog_changelog WHERE open"
)

SINCE = "xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot) AND kind <> 'draft'"

SEEN = f"SELECT count(*) FROM catalog_change WHERE {SINCE}"
"""A standby's snapshots list no transactions in progress, but the log only grows: more rows are new rows."""

UNSEEN = f"{SINCE} AND NOT pg_visible_in_snapshot(xid, %(snapshot)s::pg_snapshot)"

ROWS = "entity, entity_id, film_id, kind, before::text, after::text FROM catalog_change"

REMEMBERED = f"{LIFE} = %(epoch)s AND pruned < pg_snapshot_xmin(%(snapshot)s::pg_snapshot)::text::bigint"
"""All that was pruned was visible in the snapshot, as were all transactions before its xmin."""

ADOPT = "UPDATE catalog_change SET xid = '3' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"
FORGET_CUT = (
    "UPDATE catalog_changelog SET pruned = 0 WHERE pruned >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
)
"""After a dump was restored: ids of transactions that are yet to come here would be news to everybody for ever."""

PRUNE = (
    "WITH gone AS (DELETE FROM catalog_change WHERE id IN (SELECT id FROM catalog_change"
    # While an older transaction runs, nobody can have seen what it has written.
    " WHERE at < %s AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id LIMIT %s)"
    " RETURNING 1) SELECT count(*) FROM gone"
)


def values_of(epoch: str, place: str) -> dict[str, Any]:
    """What REMEMBERED asks for. Raises ValueError for what is no place."""
    if not PLACE.fullmatch(place):
        raise ValueError(place)
    return {"epoch": epoch, "snapshot": place.partition("/")[0]}


class Postgresql:
    """The log on PostgreSQL; each method takes the connection that it works on."""

    def position(self, connection: BaseDatabaseWrapper) -> tuple[str, str, str] | None:
        found = one(connection, POSITION)
        if found is None:
            return None
        epoch, cut, snapshot, standby = found
        if standby:
            # What is counted here and not in the snapshot yet is visible to whatever is read from now on.
            (seen,) = one(connection, SEEN, {"snapshot": snapshot}) or (0,)
            return epoch, cut, f"{snapshot}/{seen}"
        return epoch, cut, snapshot

    def node(self, connection: BaseDatabaseWrapper) -> str:
        (started,) = one(connection, "SELECT extract(epoch FROM pg_postmaster_start_time())::text") or ("",)
        return str(started)

    def since(self, connection: BaseDatabaseWrapper, epoch: str, place: str, limit: int) -> News | None:
        seen = place.partition("/")[2]
        # On a standby more rows are new ones, but which of them are is not to be told.
        moved, unseen = (f"({SEEN})", SINCE) if seen else ("NULL::bigint", UNSEEN)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {moved}, pruned::text, rows.* FROM catalog_changelog LEFT JOIN"
                f" (SELECT {ROWS} WHERE {unseen} ORDER BY xid, id LIMIT %(limit)s) rows ON true"
                f" WHERE open AND {REMEMBERED}",
                {**values_of(epoch, place), "limit": limit},
            )
            found = cursor.fetchall()
        if not found:
            return None
        number, cut, *_ = found[0]
        return News(cut, [] if seen and number == int(seen) else changed(row for _, _, *row in found))

    def remembers(self, connection: BaseDatabaseWrapper, epoch: str, place: str) -> bool:
        query = f"SELECT 1 FROM catalog_changelog WHERE {REMEMBERED}"
        return one(connection, query, values_of(epoch, place)) is not None

    def prune(self, connection: BaseDatabaseWrapper, before: datetime, limit: int) -> int:
        (number,) = one(connection, PRUNE, [before, limit]) or (0,)
        return int(number)

    def standing(self, connection: BaseDatabaseWrapper) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.tgname, pg_get_triggerdef(t.oid, true), p.prosrc, t.tgenabled,"
                f" coalesce(p.proconfig = ARRAY['search_path=' || {PATH}], false)"
                " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
                f" WHERE t.tgname LIKE '{LIKE_OURS}' AND c.relnamespace = current_schema()::regnamespace"
            )
            there = {name: tuple(rest) for name, *rest in cursor.fetchall()}
        wanted = {
            each.name: (each.definition, each.body, each.enabled[0], each.tables) for each in self._wanted(connection)
        }
        return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT proname {FUNCTIONS}")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION {name}() CASCADE")

    def make(self, connection: BaseDatabaseWrapper) -> None:
        wanted = self._wanted(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {PATH}")
            (path,) = cursor.fetchone()
            for function, each in {each.function: each for each in wanted}.items():
                setting = f"SET search_path = {path}" if each.tables else ""
                head = f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql {setting}"
                cursor.execute(f"{head} AS $body${each.body}$body$")
            for each in wanted:
                cursor.execute(each.definition)
                cursor.execute(f"ALTER TABLE {each.table} ENABLE {each.enabled} TRIGGER {each.name}")

    def _wanted(self, connection: BaseDatabaseWrapper) -> list[Trigger]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NOT NULL",
                [[logged.table for logged in LOGGED]],
            )
            return list(triggers(name for (name,) in cursor.fetchall()))

    def adopt(self, connection: BaseDatabaseWrapper) -> bool:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(ADOPT)
            rows = cursor.rowcount
            cursor.execute(FORGET_CUT)
            return bool(rows or cursor.rowcount)

    def reset(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_RESET)

    def is_silent(self, connection: BaseDatabaseWrapper) -> bool:
        return one(connection, "SELECT 1 WHERE current_setting('catalog.bulk', true) <> ''") is not None

    @contextmanager
    def silence(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        one(connection, "SELECT set_config('catalog.bulk', 'on', true)")
        yield
        written = one(connection, "SELECT current_setting('catalog.bulk')") == ("written",)
        one(connection, "SELECT set_config('catalog.bulk', '', true)")
        if written:
            self.reset(connection)

    @contextmanager
    def stamped(self, connection: BaseDatabaseWrapper, stamp: Stamp) -> Iterator[None]:
        present = "SELECT current_setting('catalog.actor', true), current_setting('catalog.request_id', true)"
        settings = "SELECT set_config('catalog.actor', %s, true), set_config('catalog.request_id', %s, true)"
        with transaction.atomic(using=connection.alias):
            outer = one(connection, present) or ()
            one(connection, settings, [stamp.actor or "", stamp.request_id or ""])
            yield
            one(connection, settings, [value or "" for value in outer])
