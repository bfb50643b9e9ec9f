"""The change log's functions and triggers on PostgreSQL, as text.

A trigger runs once a statement, with the rows that it touched as the tables `gone` and `fresh`: a film gets one new
version for a cast of fifty. No trigger names a column of the tables but keys, owners, `published`, `version`, `created`
and `updated`, so that the others may come and go while the triggers stand. EXCEPT keeps no-op updates out; a join of
`gone` and `fresh` would take minutes for 50,000 rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.changes.definitions import FILM, KEPT, LOGGED, PERSON, PREFIX, Link, Logged, Name, Root, Shown
from catalog.changes.postgresql_bodies import (
    CUT_BODY,
    EMPTIED_BODY,
    RAISE_VERSION,
    RAISE_VERSION_BODY,
    REPLICATED,
    REPLICATED_BODY,
    STAMP,
    TRUNCATED,
    TRUNCATED_BODY,
)

INSERT = (
    "INSERT INTO catalog_change"
    " (xid, actor, request_id, at, entity, entity_id, film_id, kind, version, before, after)\n"
    f"  SELECT {STAMP}, "
)

CHANGES = {
    "insert": "fresh",
    "update": "((TABLE gone EXCEPT TABLE fresh) UNION ALL (TABLE fresh EXCEPT TABLE gone))",
    "delete": "gone",
}
"""The rows that an event is about; of an update both forms of each."""

TRANSITIONS = {
    "insert": "REFERENCING NEW TABLE AS fresh",
    "update": "REFERENCING OLD TABLE AS gone NEW TABLE AS fresh",
    "delete": "REFERENCING OLD TABLE AS gone",
    "truncate": "",
}


@dataclass(frozen=True)
class Trigger:
    """A trigger by its name, as `pg_get_triggerdef` shows it, and the body of its function.

    enabled: ALWAYS, also where a session skips ordinary triggers, or REPLICA, only there.
    tables: whether the function names any; then it has the path to them, which a restored dump and the workers of
    replication have not.
    """

    name: str
    table: str
    timing: str
    function: str
    body: str
    argument: str | None = None
    enabled: str = "ALWAYS"
    tables: bool = True

    @property
    def definition(self) -> str:
        argument = "" if self.argument is None else f"'{self.argument}'"
        before, _, after = self.timing.partition(" ON ")
        return (
            f"CREATE TRIGGER {self.name} {before} ON {self.table} {after} EXECUTE FUNCTION {self.function}({argument})"
        )


def triggers(tables: Iterable[str]) -> Iterator[Trigger]:
    """Every trigger of the tables that there are, and those of the log."""
    there = set(tables)
    for logged in LOGGED:
        if logged.table in there:
            yield from of_table(logged)
    yield from of_log()


def of_log() -> Iterator[Trigger]:
    """Whoever deletes rows of the log, who has not read them learns that they are gone."""
    for event, body in (("delete", CUT_BODY), ("truncate", EMPTIED_BODY)):
        name = f"{PREFIX}log_{event}"
        yield Trigger(name=name, table="catalog_change", timing=after_statement(event), function=name, body=body)


def of_table(logged: Logged) -> Iterator[Trigger]:
    if isinstance(logged, Root):
        yield Trigger(
            name=f"{PREFIX}{logged.entity}_version",
            table=logged.table,
            timing="BEFORE UPDATE ON FOR EACH ROW",
            function=RAISE_VERSION,
            body=RAISE_VERSION_BODY,
            argument="{" + ",".join(logged.generated) + "}",
            tables=False,
        )
    for event in CHANGES:
        name = f"{PREFIX}{logged.entity}_{event}"
        yield Trigger(
            name=name, table=logged.table, timing=after_statement(event), function=name, body=body(logged, event)
        )
    yield Trigger(
        name=f"{PREFIX}{logged.entity}_truncate",
        table=logged.table,
        timing=after_statement("truncate"),
        function=TRUNCATED,
        body=TRUNCATED_BODY,
    )
    # The worker of a subscription runs no triggers of statements but of TRUNCATE, and sessions that skip triggers skip
    # the checks of foreign keys too.
    yield Trigger(
        name=f"{PREFIX}{logged.entity}_replicated",
        table=logged.table,
        timing="AFTER INSERT OR DELETE OR UPDATE ON FOR EACH ROW",
        function=REPLICATED,
        body=REPLICATED_BODY,
        enabled="REPLICA",
    )


def after_statement(event: str) -> str:
    """When a trigger runs that is told of all rows of a statement, as `pg_get_triggerdef` has it."""
    return " ".join(filter(None, (f"AFTER {event.upper()} ON", TRANSITIONS[event], "FOR EACH STATEMENT")))


def body(logged: Logged, event: str) -> str:
    """The function of one table and event."""
    either = "fresh" if event == "update" else CHANGES[event]
    steps = "".join(f"\n  {step};" for step in steps_of(logged, event))
    return f"""
BEGIN
  IF current_setting('catalog.bulk', true) <> '' THEN
    IF EXISTS (TABLE {either}) THEN
      PERFORM set_config('catalog.bulk', 'written', true);
    END IF;
    RETURN NULL;
  END IF;{steps}
  RETURN NULL;
END
"""


def steps_of(logged: Logged, event: str) -> Iterator[str]:
    """The statements of a function, in their order."""
    if isinstance(logged, Root):
        yield from steps_of_root(logged, event)
    elif isinstance(logged, Link):
        yield from steps_of_link(logged, event)
    else:
        yield from steps_of_name(logged, event)


def pairs(event: str, *columns: str) -> str:
    """What changed, as (columns…, was, becomes): the whole rows as JSON, NULL where there is none."""
    named = "".join(f"{column}, " for column in columns)
    if event == "insert":
        return f"SELECT {named}NULL::jsonb AS was, to_jsonb(fresh) AS becomes FROM fresh"
    if event == "delete":
        return f"SELECT {named}to_jsonb(gone) AS was, NULL::jsonb AS becomes FROM gone"
    # A row that has moved to another owner is one that went, and one that came.
    first = "(array_agg({0}) FILTER (WHERE {0} IS NOT NULL))[1] AS {0}"
    return (
        f"SELECT {named}{first.format('was')}, {first.format('becomes')} FROM (\n"
        f"    SELECT {named}to_jsonb(went) AS was, NULL::jsonb AS becomes"
        " FROM (TABLE gone EXCEPT TABLE fresh) went\n"
        f"    UNION ALL SELECT {named}NULL, to_jsonb(came) FROM (TABLE fresh EXCEPT TABLE gone) came\n"
        f"  ) sides GROUP BY {', '.join(columns)}"
    )


def told(omitted: Iterable[str] = ()) -> str:
    """`before` and `after`: of an update what differs, otherwise the whole row; without the omitted columns."""
    columns = ", ".join(f"'{name}'" for name in omitted)
    rest = f" - ARRAY[{columns}]" if columns else ""

    def side(one: str, other: str) -> str:
        return (
            f"CASE WHEN {other} IS NULL THEN {one}{rest} ELSE (SELECT jsonb_object_agg(key, value)"
            f" FROM jsonb_each({one}{rest}) WHERE value IS DISTINCT FROM {other} -> key) END"
        )

    return f"{side('was', 'becomes')},\n    {side('becomes', 'was')}"


def steps_of_root(root: Root, event: str) -> Iterator[str]:
    """A film's or person's own row; nothing where a link that has already told of it raises the version."""
    film = "id" if root.entity == "film" else "NULL"
    version = "coalesce((becomes ->> 'version')::int, (was ->> 'version')::int + 1)"
    insert = (
        f"{INSERT}'{root.entity}', id::text, {film}, {kind_of_root(root)}, {version},\n"
        f"    {told((*KEPT, *root.generated))}\n  FROM ({pairs(event, 'id')}) changed ORDER BY changed.id"
    )
    if event != "update":
        yield insert
        return
    yield f"IF current_setting('catalog.told', true) <> '' THEN RETURN NULL; END IF;\n  {insert}"
    if root.names:
        columns = ", ".join(("id", *root.names))
        renamed = f"SELECT id FROM (SELECT {columns} FROM fresh EXCEPT SELECT {columns} FROM gone) renamed"
        yield touch(FILM, films_showing(root.shown, renamed))


def kind_of_root(root: Root) -> str:
    """Publishing a draft is `created`, taking it back `deleted`."""
    if root.published is None:
        return "CASE WHEN was IS NULL THEN 'created' WHEN becomes IS NULL THEN 'deleted' ELSE 'updated' END"
    old, new = (f"coalesce(({side} ->> '{root.published}')::bool, false)" for side in ("was", "becomes"))
    return (
        f"CASE WHEN {old} AND {new} THEN 'updated' WHEN {new} THEN 'created' WHEN {old} THEN 'deleted' ELSE 'draft' END"
    )


def touch(table: str, ids: str) -> str:
    """Raise the versions of those films or people, in the order of their ids: two who do so never wait in a circle."""
    return (
        f"WITH touched AS MATERIALIZED (SELECT id FROM {table} WHERE id IN ({ids}) ORDER BY id FOR NO KEY UPDATE)\n"
        f"  UPDATE {table} SET version = version + 1 FROM touched WHERE {table}.id = touched.id"
    )


def films_showing(shown: Iterable[Shown], keys: str) -> str:
    return " UNION ".join(f"SELECT {each.film} FROM {each.table} WHERE {each.column} IN ({keys})" for each in shown)


def steps_of_link(link: Link, event: str) -> Iterator[str]:
    """The owners' new versions first, since only then theirs is known; then a row for each link."""
    table = FILM if link.of_film else PERSON
    yield "PERFORM set_config('catalog.told', 'on', true)"
    yield touch(table, f"SELECT {link.owner} FROM {CHANGES[event]} changed")
    yield "PERFORM set_config('catalog.told', '', true)"
    kind = "CASE WHEN was IS NULL THEN 'created' WHEN becomes IS NULL THEN 'deleted' ELSE 'updated' END"
    if link.of_film:
        row = f"'{link.entity}', changed.id::text, film_id, CASE WHEN owner.published THEN {kind} ELSE 'draft' END"
        sides = told(("id",))
    else:
        # Under its entity, whole and with its id, since nothing else in the person's row names it.
        row = f"'person', {link.owner}::text, NULL, 'updated'"
        sides = ", ".join(
            f"CASE WHEN {each} IS NOT NULL THEN jsonb_build_object('{link.entity}', {each}) END"
            for each in ("was", "becomes")
        )
    yield (
        f"{INSERT}{row}, owner.version,\n    {sides}\n"
        f"  FROM ({pairs(event, 'id', link.owner)}) changed\n"
        f"  LEFT JOIN {table} owner ON owner.id = {link.owner} ORDER BY changed.id"
    )


def steps_of_name(name: Name, event: str) -> Iterator[str]:
    """The name's row; then the films that show it get new versions, and log that themselves."""
    kind = {"insert": "created", "update": "updated", "delete": "deleted"}[event]
    yield (
        f"{INSERT}'{name.entity}', {name.key}::text, NULL, '{kind}', NULL,\n    {told()}\n"
        f"  FROM ({pairs(event, name.key)}) changed ORDER BY changed.{name.key}"
    )
    if event == "update":
        yield touch(FILM, films_showing(name.shown, f"SELECT {name.key} FROM {CHANGES[event]} changed"))
