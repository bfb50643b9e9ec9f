"""What belongs to a film or a person and is edited with it."""

from typing import Any

from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.admin.bases import TabularInline
from catalog.admin.forms import ExternalIdForm, PersonExternalIdForm
from catalog.admin.known import DistinctFormSet, KnownFormSet, KnownInline
from catalog.fields import OptionalTextField
from catalog.models import CastCredit, CrewCredit, FilmExternalId, PersonExternalId, Rating, Title

ONE_LINE: dict[Any, Any] = {OptionalTextField: {"widget": UnfoldAdminTextInputWidget}}


class CastFormSet(KnownFormSet):
    same = ("person", "character")
    same_text = "This person plays this character in the film already."


class CrewFormSet(KnownFormSet):
    same = ("person", "job")
    same_text = "This person has this job in the film already."


class TitleFormSet(KnownFormSet):
    same = ("title", "region", "language")
    same_text = "The film has this title for the same region and language already."


class RatingFormSet(DistinctFormSet):
    same = ("source",)
    same_text = "The film has a rating of this source already."


class ExternalIdFormSet(DistinctFormSet):
    same = ("source",)
    same_text = "There is an id of this source already."


class CastInline(KnownInline):
    model = CastCredit
    formset = CastFormSet
    verbose_name_plural = "cast"
    fields = ("person", "character", "order")
    autocomplete_fields = ("person",)
    formfield_overrides = ONE_LINE


class CrewInline(KnownInline):
    model = CrewCredit
    formset = CrewFormSet
    verbose_name_plural = "crew"
    fields = ("person", "department", "job", "order")
    autocomplete_fields = ("person",)


class TitleInline(KnownInline):
    model = Title
    formset = TitleFormSet
    fields = ("title", "region", "language", "kind")
    autocomplete_fields = ("region", "language")


class RatingInline(TabularInline):
    model = Rating
    formset = RatingFormSet
    extra = 0
    hide_title = True
    tab = True


class FilmExternalIdInline(TabularInline):
    model = FilmExternalId
    form = ExternalIdForm
    formset = ExternalIdFormSet
    verbose_name, verbose_name_plural = "external id", "external ids"
    extra = 0
    hide_title = True
    tab = True


class PersonExternalIdInline(TabularInline):
    model = PersonExternalId
    form = PersonExternalIdForm
    formset = ExternalIdFormSet
    verbose_name, verbose_name_plural = "external id", "external ids"
    extra = 0
    hide_title = True
