"""Inline forms whose number of queries does not grow with their rows.

Django's own ask the database for each row's selected option, for its id, for each foreign key and for each constraint:
a film with 400 in the cast took thousands. Here a formset fetches all that its rows refer to at once, and checks among
its rows, which are all of the film's, what must be unique.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, IntegerField, Model, QuerySet
from django.utils.functional import cached_property

from catalog.admin.bases import InlineFormSet, ModelChoiceField, ModelForm, TabularInline

ID_DIGITS_MAX = 18
"""Longer numbers do not fit the databases' 64 bits."""


class KnownChoiceField(ModelChoiceField):
    """A choice that looks among the rows `known` (by id as text) before it asks the database."""

    known: Mapping[str, Model] = {}

    def to_python(self, value: Any) -> Any:
        found = self.known.get(str(value))
        return super().to_python(value) if found is None else found


class KnownAutocomplete(AutocompleteSelect):
    """An autocomplete whose selected option is among the rows `known`; any other is shown as not selected."""

    known: Mapping[str, Model] = {}

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        selected = [row for each in value if (row := self.known.get(str(each)))]
        blank = [] if self.is_required else [("", "", False)]
        shown = [(str(row.pk), str(row), True) for row in selected]
        options = [
            self.create_option(name, key, text, chosen, index)
            for index, (key, text, chosen) in enumerate([*blank, *shown])
        ]
        return [(None, options, 0)]


class KnownForm(ModelForm):
    """A row of `KnownFormSet`: references are checked by their fields, rules by fields and formset."""

    def _get_validation_exclusions(self) -> set[str]:
        known = {name for name, field in self.fields.items() if isinstance(field, KnownChoiceField)}
        return {*super()._get_validation_exclusions(), *known}  # type: ignore[misc]  # django-stubs leaves it out

    def validate_constraints(self) -> None:
        """Nothing: each constraint would be a query for each row."""


class DistinctFormSet(InlineFormSet):
    """Rows of which no two share the fields `same`; `same_text` says so in words.

    Django compares rows only of a film that is stored already, and only by constraints without expressions.
    """

    same: tuple[str, ...] = ()
    same_text = ""

    def clean(self) -> None:
        super().clean()
        seen: set[tuple[Any, ...]] = set()
        for form in self.forms:
            if form in self.deleted_forms or not getattr(form, "cleaned_data", None):
                continue
            key = tuple(form.cleaned_data.get(name) or "" for name in self.same)
            if key in seen:
                form.add_error(None, ValidationError(self.same_text, code="unique"))
            seen.add(key)


class KnownFormSet(DistinctFormSet):
    """Rows that refer to others, which are fetched together."""

    @cached_property
    def rows(self) -> dict[str, Model]:
        return {str(row.pk): row for row in self.get_queryset()}

    @cached_property
    def known(self) -> dict[str, dict[str, Model]]:
        """For each reference the rows that this form, as stored or as sent, refers to."""
        fields = self.form.base_fields.items()
        return {
            name: fetched(field.queryset, self.ids(name))
            for name, field in fields
            if isinstance(field, KnownChoiceField) and field.queryset is not None
        }

    def ids(self, name: str) -> set[str]:
        stored = {str(getattr(row, f"{name}_id")) for row in self.rows.values()}
        if not self.is_bound:
            return stored
        return stored | {self.data.get(f"{self.prefix}-{index}-{name}", "") for index in range(self.total_form_count())}

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, known in self.known.items():
            if name in form.fields:
                form.fields[name].known = known
                widget = form.fields[name].widget
                getattr(widget, "widget", widget).known = known
        own = form.fields.get("id")
        if isinstance(own, forms.ModelChoiceField):
            form.fields["id"] = KnownChoiceField(
                own.queryset, initial=own.initial, required=False, widget=forms.HiddenInput
            )
            form.fields["id"].known = self.rows


def possible_ids(model: type[Model], values: Iterable[Any]) -> list[str]:
    """Those of the values sent that can be ids of the model, as text."""
    texts = [str(value) for value in values if value is not None and value != ""]
    if not isinstance(model._meta.pk, IntegerField):
        return texts
    return [text for text in texts if text.isascii() and text.isdecimal() and len(text) <= ID_DIGITS_MAX]


def fetched(queryset: QuerySet[Any], ids: Iterable[Any]) -> dict[str, Model]:
    """The rows of these ids, by id as text, in one query. What can't be an id is left out: its field says so."""
    usable = set(possible_ids(queryset.model, ids))
    return {str(key): row for key, row in queryset.in_bulk(list(usable)).items()} if usable else {}


class CarefulSelection:
    """An autocomplete whose selection may be anything that somebody sends; Django's fails on what can't be an id."""

    def optgroups(self, name: str, value: Sequence[Any], attrs: dict[str, Any] | None = None) -> Any:
        model = self.field.remote_field.model  # type: ignore[attr-defined]
        return super().optgroups(name, possible_ids(model, value), attrs)  # type: ignore[misc]


class CarefulSelect(CarefulSelection, AutocompleteSelect):
    """An autocomplete of one."""


class CarefulSelectMultiple(CarefulSelection, AutocompleteSelectMultiple):
    """An autocomplete of several."""


class KnownInline(TabularInline):
    """An inline of `KnownFormSet` rows; its autocomplete fields take part."""

    form = KnownForm
    formset = KnownFormSet
    extra = 0
    tab = True
    hide_title = True

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownAutocomplete(db_field, self.admin_site)
            kwargs["form_class"] = KnownChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.get_autocomplete_fields(request))
