"""The functions of the change log's triggers on PostgreSQL that are the same for every table."""

from catalog.changes.definitions import PREFIX

STAMP = (
    "pg_current_xact_id(), nullif(current_setting('catalog.actor', true), ''),"
    " nullif(current_setting('catalog.request_id', true), ''), clock_timestamp()"
)

INSERT_RESET = (
    "INSERT INTO catalog_change (xid, actor, request_id, at, entity, entity_id, kind)"
    f" VALUES ({STAMP}, 'catalogue', '', 'reset')"
)

RAISE_VERSION = f"{PREFIX}raise_version"
TRUNCATED = f"{PREFIX}truncated"

RAISE_VERSION_BODY = """
BEGIN
  IF current_setting('catalog.bulk', true) <> '' THEN
    RETURN NEW;
  END IF;
  -- Generated columns, the argument, are not there yet in NEW.
  IF to_jsonb(NEW) - TG_ARGV[0]::text[] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV[0]::text[] THEN
    NEW.version := greatest(OLD.version + 1, NEW.version);
    IF NEW.updated = OLD.updated THEN
      -- The transaction may have begun before it made the row.
      NEW.updated := greatest(now(), NEW.created);
    END IF;
  END IF;
  RETURN NEW;
END
"""

TRUNCATED_BODY = f"""
BEGIN
  IF current_setting('catalog.bulk', true) <> '' THEN
    PERFORM set_config('catalog.bulk', 'written', true);
    RETURN NULL;
  END IF;
  {INSERT_RESET};
  RETURN NULL;
END
"""

REPLICATED = f"{PREFIX}replicated"
REPLICATED_BODY = f"""
BEGIN
  IF coalesce(current_setting('catalog.replicated', true), '') = '' THEN
    PERFORM set_config('catalog.replicated', 'on', true);
    {INSERT_RESET};
  END IF;
  RETURN NULL;
END
"""
"""Once a transaction: what replication writes may be anything."""

CUT_BODY = """
BEGIN
  UPDATE catalog_changelog SET pruned = last
    FROM (SELECT max(xid::text::bigint) AS last FROM gone) cut WHERE last > pruned;
  RETURN NULL;
END
"""

EMPTIED_BODY = """
BEGIN
  UPDATE catalog_changelog SET pruned = pg_current_xact_id()::text::bigint;
  RETURN NULL;
END
"""
