"""What a form of the admin sends, put in the words of the row as it is now, so that nothing of either is lost."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.forms import CheckboxInput, FileInput, Form, MultiWidget, Widget
from django.http import QueryDict

Sent = dict[str, list[str]]


def texts(widget: Widget, name: str, value: Any) -> Sent:
    """What a browser would send of a widget that shows the value. A file is never sent unless it is chosen anew."""
    widget = getattr(widget, "widget", widget)
    if isinstance(widget, MultiWidget):
        sent: Sent = {}
        for index, (part, own) in enumerate(zip(widget.widgets, widget.decompress(value) or (), strict=False)):
            sent |= texts(part, f"{name}_{index}", own)
        return sent
    if isinstance(widget, FileInput):
        return {}
    if isinstance(widget, CheckboxInput):
        return {name: ["on"]} if value else {}
    shown = widget.format_value(value)
    if shown is None:
        return {}
    return {name: list(shown) if isinstance(shown, list) else [str(shown)]}


def as_stored(form: Form, *, prefixed: bool = True) -> Sent:
    """What a browser would send of a form that nobody has touched."""
    sent: Sent = {}
    for name, field in form.fields.items():
        sent |= texts(field.widget, form.add_prefix(name) if prefixed else name, form[name].value())
    return sent


def put_stored(data: QueryDict, form: Form, name: str) -> None:
    """Let the form say of one of its fields what is stored."""
    for key in (name, f"{name}_0", f"{name}_1", f"{name}-clear"):
        data.pop(key, None)
    put(data, texts(form.fields[name].widget, name, form[name].value()))


def put_stored_rows(data: QueryDict, formset: Any) -> None:
    """Let the form say of an inline what is stored; formset: unbound."""
    put_rows(data, formset.prefix, [as_stored(form, prefixed=False) for form in formset.initial_forms], [])


def rebase_rows(data: QueryDict, formset: Any) -> None:
    """Say the sent rows of an inline as changes of those that are stored by now; formset: unbound.

    A row that has gone is a new one, and one that has come is to be deleted, unless somebody says otherwise.
    """
    sent = sent_rows(data, formset.prefix)
    own = {row["id"][0]: row for row in sent if row.get("id", [""])[0]}
    stored = {str(form.instance.pk): as_stored(form, prefixed=False) for form in formset.initial_forms}
    known = [own.get(key) or row | {"DELETE": ["on"]} for key, row in stored.items()]
    others = [row for row in sent if row.get("id", [""])[0] not in stored and "DELETE" not in row]
    put_rows(data, formset.prefix, known, [{**row, "id": [""]} for row in others])


def sent_rows(data: QueryDict, prefix: str) -> list[Sent]:
    """The rows of an inline as they were sent, each by the names of its fields."""
    rows: dict[int, Sent] = {}
    pattern = re.compile(rf"{re.escape(prefix)}-(\d{{1,6}})-(.+)")
    for key in data:
        if parts := pattern.fullmatch(key):
            rows.setdefault(int(parts[1]), {})[parts[2]] = data.getlist(key)
    return [rows[index] for index in sorted(rows)]


def put_rows(data: QueryDict, prefix: str, stored: Sequence[Sent], new: Iterable[Sent]) -> None:
    """Let these rows, those that are stored first, be all that was sent of an inline."""
    for key in [key for key in data if key.startswith(f"{prefix}-")]:
        del data[key]
    rows = [*stored, *new]
    for index, row in enumerate(rows):
        put(data, {f"{prefix}-{index}-{name}": value for name, value in row.items()})
    put(data, {f"{prefix}-TOTAL_FORMS": [str(len(rows))], f"{prefix}-INITIAL_FORMS": [str(len(stored))]})


def put(data: QueryDict, sent: Mapping[str, list[str]]) -> None:
    for key, values in sent.items():
        data.setlist(key, values)
