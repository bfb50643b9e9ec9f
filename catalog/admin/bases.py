"""The classes that the admin builds on.

Type checkers see Django's, with the type arguments that they take only there; what runs is unfold's, which extends
Django's and is not annotated.
"""

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django import forms
    from django.contrib import admin
    from django.contrib.admin.views.main import ChangeList
    from django.core import paginator

    ModelForm = forms.ModelForm[Any]
    ModelChoiceField = forms.ModelChoiceField[Any]
    InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
    Page = paginator.Page[Any]
    Paginator = paginator.Paginator[Any]
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    DropdownFilter = admin.SimpleListFilter

    Shown = TypeVar("Shown", bound=Callable[..., Any])

    def display(
        *, description: str, ordering: str | None = None, label: Mapping[str, str] | None = None
    ) -> Callable[[Shown], Shown]: ...
else:
    from django.core.paginator import Page, Paginator
    from django.forms import ModelChoiceField, ModelForm
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.contrib.filters.admin import DropdownFilter
    from unfold.decorators import display
    from unfold.forms import PaginationInlineFormSet as InlineFormSet
    from unfold.views import ChangeList

__all__ = [
    "ChangeList",
    "DropdownFilter",
    "InlineFormSet",
    "ModelAdmin",
    "ModelChoiceField",
    "ModelForm",
    "Page",
    "Paginator",
    "TabularInline",
    "display",
]
