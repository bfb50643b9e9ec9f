"""The index's tables on each database: FTS5 on SQLite, lexemes under GIN on PostgreSQL. Bags of words in, ids out."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Expression, TextField
from django.db.models.sql.compiler import SQLCompiler

from catalog.prepared import Telling


class Tables(NamedTuple):
    """One database's ways: `made` and `dropped` are for migrations, the others statements that it understands.

    several: what stands for many values in one parameter.
    """

    made: Sequence[str]
    dropped: Sequence[str]
    key: str
    matching: str
    replaced: str
    removed: str
    existing: str
    begun: str
    several: Callable[[Collection[Any]], Any]


SQLITE = Tables(
    # `ascii` takes every other character for a letter, so that no token is ever split; the rest makes the index small.
    made=(
        """CREATE VIRTUAL TABLE catalog_searchindex USING fts5
            (words, tokenize = 'ascii', detail = none, columnsize = 0, prefix = '1 2 3')""",
    ),
    dropped=("DROP TABLE catalog_searchindex",),
    key="rowid",
    matching="(SELECT rowid FROM catalog_searchindex WHERE catalog_searchindex MATCH {})",
    replaced="INSERT INTO catalog_searchindex (rowid, words) VALUES (%s, %s)",
    removed="DELETE FROM catalog_searchindex WHERE rowid IN (SELECT value FROM json_each(%s))",
    existing="SELECT word FROM catalog_searchword WHERE word IN (SELECT value FROM json_each(%s))",
    begun="""SELECT value FROM json_each(%s) WHERE EXISTS
        (SELECT 1 FROM catalog_searchword WHERE word >= value AND word < value || char(1114111))""",
    several=lambda values: json.dumps(list(values)),
)
POSTGRESQL = Tables(
    made=(
        "CREATE TABLE catalog_searchindex (film_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX search_by_word ON catalog_searchindex USING gin (words)",
    ),
    dropped=("DROP TABLE catalog_searchindex",),
    key="film_id",
    matching="(SELECT film_id FROM catalog_searchindex WHERE words @@ ({})::tsquery)",
    # Folded words are lexemes as they are: PostgreSQL's own parser would split and stem them its way.
    replaced=(
        "INSERT INTO catalog_searchindex (film_id, words) VALUES (%s, array_to_tsvector(string_to_array(%s, ' ')))"
    ),
    removed="DELETE FROM catalog_searchindex WHERE film_id = ANY(%s)",
    existing="SELECT word FROM catalog_searchword WHERE word = ANY(%s)",
    # By bytes, as the index for LIKE stands, which LIKE itself walks only for one pattern known beforehand.
    begun="""SELECT value FROM unnest(%s::text[]) AS asked (value) WHERE EXISTS
        (SELECT 1 FROM catalog_searchword WHERE word ~>=~ value AND word ~<~ (value || chr(1114111)))""",
    several=list,
)
TABLES: Mapping[str, Tables] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


class Matching(Expression):
    """The ids of the films that the expression under the parameter `name` finds, for `pk__in`."""

    output_field = BooleanField()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        return TABLES[connection.vendor].matching.format("%s"), (Telling(self.name, TextField()),)

    def get_group_by_cols(self) -> list[Any]:
        return []


def replace(bags: Mapping[int, str]) -> None:
    """Put these bags of words in place of what there was for these films; an empty bag removes."""
    ways = TABLES[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(ways.removed, [ways.several(bags.keys())])
        cursor.executemany(ways.replaced, [(film_id, words) for film_id, words in bags.items() if words])


def keep_only_published() -> None:
    """Remove every film that is a draft or gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM catalog_searchindex WHERE {TABLES[connection.vendor].key}"
            " NOT IN (SELECT id FROM catalog_film WHERE published)"
        )


def finds_any(expression: str) -> bool:
    """Whether any film is found by an expression, drafts aside: they are not in the index."""
    found = TABLES[connection.vendor].matching.format("%s")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS {found}", [expression])
        return bool(cursor.fetchone()[0])


def existing_words(words: Collection[str]) -> frozenset[str]:
    """Those of `words` that the vocabulary has. One query."""
    return met(TABLES[connection.vendor].existing, words)


def existing_beginnings(beginnings: Collection[str]) -> frozenset[str]:
    """Those of `beginnings` with which words of the vocabulary begin. One query."""
    return met(TABLES[connection.vendor].begun, beginnings)


def met(statement: str, words: Collection[str]) -> frozenset[str]:
    """Those of `words` that a statement gives back."""
    if not words:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(statement, [TABLES[connection.vendor].several(words)])
        return frozenset(word for (word,) in cursor.fetchall())
