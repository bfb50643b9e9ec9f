"""What a film or person was at an earlier version, told backwards from what it is, by the change log."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Model
from django.utils.timezone import is_naive, make_aware

from catalog.changes.definitions import LINKS, ROOTS
from catalog.changes.models import Change

ENTITIES = {each.table: each.entity for each in (*ROOTS, *LINKS)}
Columns = Mapping[str, Any]


class Step(NamedTuple):
    """One change of one row: its key, and its columns as the log tells them; None where there was or is no row."""

    key: str
    before: Columns | None
    after: Columns | None


class Earlier:
    """A row as it was at a version, with its links.

    known: whether the log tells of each version since; it does not after an import, or for long.
    """

    def __init__(self, row: Any, version: int) -> None:
        self._row = row
        self._changes = list(since(row, version))
        self.known = {each.version for each in self._changes} >= set(range(version + 1, row.version + 1))

    def own(self, name: str) -> Any:
        """The value of a field that is no relation to many, as it was; of a foreign key the key."""
        field = self._row._meta.get_field(name)
        value = getattr(self._row, field.attname)
        for each in self._steps(type(self._row)):
            value = (each.before or {}).get(field.column, value)
        return python_value(field, value)

    def many(self, name: str) -> set[Any]:
        """The keys of what a relation to many led to."""
        relation = self._row._meta.get_field(name)
        column = relation.m2m_reverse_name()
        keys = set(getattr(self._row, name).values_list("pk", flat=True))
        for each in self._steps(relation.remote_field.through):
            if each.before is None and each.after is not None:
                keys.discard(each.after.get(column))
            elif each.before is not None and each.after is None:
                keys.add(each.before.get(column))
        return keys

    def rows(self, model: type[Model], keys: Iterable[int]) -> list[Columns]:
        """Of the rows that belonged to it those that have one of these keys, or are gone; each with its columns."""
        names = [field.attname for field in model._meta.concrete_fields]  # none of them has a column of another name
        rows: dict[str, dict[str, Any]] = {
            str(each.pk): {name: getattr(each, name) for name in names}
            for each in model._default_manager.filter(pk__in=keys)
        }
        for each in self._steps(model):
            if each.before is None:
                rows.pop(each.key, None)
            elif each.after is None:
                rows[each.key] = {**each.before}
            elif each.key in rows:
                rows[each.key] |= each.before
        return list(rows.values())

    def _steps(self, model: type[Model]) -> Iterator[Step]:
        """The changes of one table's rows, the latest first."""
        entity = ENTITIES[model._meta.db_table]
        for each in self._changes:
            if each.entity == entity:
                yield Step(each.entity_id, each.before, each.after)
            elif each.entity == "person" and entity in (whole := each.before or each.after or {}):
                sides = ((side or {}).get(entity) for side in (each.before, each.after))
                yield Step(str(whole[entity]["id"]), *sides)


def since(row: Any, version: int) -> Iterable[Change]:
    """What has changed of a film or person since a version, the latest first. One query."""
    entity = ENTITIES[row._meta.db_table]
    found = Change.objects.filter(version__gt=version, version__lte=row.version).order_by("-version", "-id")
    return found.filter(film_id=row.pk) if entity == "film" else found.filter(entity=entity, entity_id=str(row.pk))


def python_value(field: Any, value: Any) -> Any:
    """A value of the log as Django has it; SQLite's times know no zone and are in UTC."""
    if value is None:
        return None
    value = (field.target_field if field.is_relation else field).to_python(value)
    return make_aware(value) if hasattr(value, "tzinfo") and is_naive(value) else value
