"""Two curators in one form: who saves second sees both edits side by side and chooses, field by field.

The form carries the version of the row that it was made from; it is compared while the row is locked, in the
transaction that saves.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ChoiceField, ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.timezone import localtime

from catalog.admin.bases import ModelAdmin, ModelForm
from catalog.admin.earlier import Columns, Earlier, python_value
from catalog.admin.edits import put_stored, put_stored_rows, rebase_rows
from catalog.services.versions import locked

BASE = "base_version"
DIFFERS = "differs"
THEIRS, MINE = "theirs", "mine"
NOTHING = "–"
TOLD = "Somebody else has saved since you opened this form, so nothing was saved yet: choose what stays."


@dataclass(frozen=True)
class Difference:
    """A field, or the rows of an inline, of which the database and the form say different things.

    was: what both began with; None where nobody knows any more.
    """

    name: str
    label: str
    theirs: list[str]
    mine: list[str]
    was: list[str] | None = None

    @property
    def suggested(self) -> str:
        """The only side that has changed it, if one alone has."""
        if self.was is None:
            return ""
        was, theirs, mine = (sorted(each) for each in (self.was, self.theirs, self.mine))
        if (was == theirs) == (was == mine):
            return ""
        return MINE if was == theirs else THEIRS


def undecided(data: QueryDict) -> bool:
    """Whether the form was sent from a page of differences without a choice for each."""
    return any(data.get(f"keep-{name}") not in {THEIRS, MINE} for name in data.getlist(DIFFERS))


def is_conflict(data: QueryDict, version: int) -> bool:
    """Whether the form means another version of the row, or none; or leaves open which of two edits stays."""
    return data.get(BASE) != str(version) or undecided(data)


class VersionedForm(ModelForm):
    """A form that saves only the version that it was made from."""

    conflict = False

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk is not None and is_conflict(cast(QueryDict, self.data), self.instance.version):
            self.conflict = True
            self.add_error(None, TOLD)
        return cleaned


class VersionedAdmin(ModelAdmin):
    """Forms of rows that have a version: `VersionedForm`s, with the conflict above them when there is one."""

    change_form_before_template = "catalog/admin/conflict.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            row = self.locked_row(object_id)
            if row is not None and self.has_change_permission(request, row):
                self.settle(request, row)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def locked_row(self, object_id: str) -> Any:
        """The row that nobody else can change before this transaction ends; None where there is none."""
        try:
            return locked(self.model, self.opts.pk.to_python(unquote(object_id)))
        except (ValidationError, OverflowError):
            return None  # Django says of it that it does not exist

    def settle(self, request: HttpRequest, row: Any) -> None:
        """Let the request mean the row as it is now: with what the curator keeps of the others' edits."""
        data = request.POST.copy()
        if is_conflict(data, row.version):
            for formset in self.stored_formsets(request, row):
                rebase_rows(data, formset)
        elif kept := [name for name in data.getlist(DIFFERS) if data[f"keep-{name}"] == THEIRS]:
            for formset in self.stored_formsets(request, row):
                if formset.prefix in kept:
                    put_stored_rows(data, formset)
            form = self.stored_form(request, row)
            for name in form.fields.keys() & kept:
                put_stored(data, form, name)
                request.FILES.pop(name, None)
        request.POST = data  # type: ignore[assignment]  # Django's is a QueryDict too, though it calls it immutable

    def stored_form(self, request: HttpRequest, row: Any) -> Any:
        """The row's own fields as they are stored."""
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        return self.get_form(request, row, change=True, fields=fields)(instance=row)

    def stored_formsets(self, request: HttpRequest, row: Any) -> Iterator[Any]:
        """The inlines as they are stored."""
        for formset, inline in self.get_formsets_with_inlines(request, row):
            yield formset(instance=row, prefix=formset.get_default_prefix(), queryset=inline.get_queryset(request))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if getattr(form, "conflict", False):
            earlier = earlier_of(form.instance, form.data.get(BASE))
            rows = row_differences(context["inline_admin_formsets"], earlier)
            context["conflict"] = [*field_differences(form, earlier), *rows]
        return super().render_change_form(request, context, *args, **kwargs)


def earlier_of(instance: Any, base: str | None) -> Earlier | None:
    """What the form was made from; None where it does not say, or where the log does not tell of it any more."""
    row = type(instance)._default_manager.filter(pk=instance.pk).first()
    if row is None or base is None or not re.fullmatch(r"[0-9]{1,9}", base, re.ASCII):
        return None
    earlier = Earlier(row, int(base))
    return earlier if earlier.known else None


def field_differences(form: Any, earlier: Earlier | None) -> Iterator[Difference]:
    """The fields of which the form says something else than the row."""
    for name in form.changed_data:
        was = None if earlier is None else [was_field(form.fields[name], name, earlier)]
        yield Difference(name, form[name].label, [stored(form, name)], [sent(form, name)], was)


def was_field(field: Any, name: str, earlier: Earlier) -> str:
    """What a field said before both edits."""
    if isinstance(field, ModelMultipleChoiceField):
        return told(field, rows_of(field, earlier.many(name)))
    value = earlier.own(name)
    return told(field, by_name(field, value))


def row_differences(inlines: Any, earlier: Earlier | None) -> Iterator[Difference]:
    """The inlines of which the form says something else than the database, with those of their rows that differ."""
    for inline in inlines:
        formset, owner = inline.formset, inline.formset.fk.name
        changed = [form for form in formset.forms if form.has_changed()]
        if changed:
            theirs = [line(form, owner, stored) for form in changed if form in formset.initial_forms]
            mine = [line(form, owner, sent) for form in changed if form not in formset.deleted_forms]
            label = str(inline.opts.verbose_name_plural)
            keys = [form.instance.pk for form in changed if form in formset.initial_forms]
            was = None if earlier is None else [was_line(formset, row) for row in earlier.rows(formset.model, keys)]
            yield Difference(formset.prefix, label[:1].upper() + label[1:], theirs, mine, was)


def was_line(formset: Any, row: Columns) -> str:
    """A row of an inline by its columns."""

    def value(form: Any, name: str) -> str:
        field = formset.model._meta.get_field(name)
        return told(form.fields[name], by_name(form.fields[name], python_value(field, row.get(field.column))))

    return line(formset.empty_form, formset.fk.name, value)


def line(form: Any, owner: str, value: Callable[[Any, str], str]) -> str:
    """A row of an inline as one line of what is known of it; owner: what it belongs to."""
    shown = [value(form, name) for name in form.fields if name not in {"id", "DELETE", owner}]
    return " · ".join(text for text in shown if text != NOTHING)


def stored(form: Any, name: str) -> str:
    """What the row says of a field, by name rather than by id."""
    return told(form.fields[name], by_name(form.fields[name], form.initial.get(name)))


def by_name(field: Any, value: Any) -> Any:
    """The row that a key means, where it is one; what has been deleted since has no name."""
    if not isinstance(field, ModelChoiceField) or value in (None, "") or isinstance(value, list):
        return value
    try:
        return field.to_python(value)
    except ValidationError:  # the form knows it no longer
        return next(iter(rows_of(field, [value])), f"({value})")


def sent(form: Any, name: str) -> str:
    """What the form says of a field; where that is no value of it, as it was typed."""
    cleaned = getattr(form, "cleaned_data", {})
    return told(form.fields[name], cleaned[name] if name in cleaned else form[name].data)


def rows_of(field: Any, keys: Iterable[Any]) -> QuerySet[Any]:
    """The rows that a choice's keys mean."""
    found: QuerySet[Any] = field.queryset.filter(pk__in=list(keys))
    return found


def told(field: Any, value: Any) -> str:
    """A value as people read it; a dash for none.

    >>> told(None, [])
    '–'
    """
    if isinstance(value, (list, QuerySet)):
        return ", ".join(sorted(str(each) for each in value)) or NOTHING
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(field, ChoiceField) and not isinstance(value, Model):
        return next((str(text) for key, text in field.widget.choices if str(key) == str(value)), str(value))
    return str(value)
