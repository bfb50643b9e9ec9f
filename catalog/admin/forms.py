"""Forms that say in words what the catalogue's rules are, before the database has to."""

import secrets
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.admin.bases import ModelForm
from catalog.admin.conflicts import VersionedForm
from catalog.models import Film, Person
from catalog.services.dates import truncated
from catalog.services.external_ids import is_well_formed
from catalog.values import IdSource, Precision

POSTER_LIMIT_BYTES = 10 * 1024 * 1024
POSTER_LIMIT_PIXELS = 50_000_000
POSTER_SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}

EXAMPLES = {
    IdSource.IMDB: "tt0111161",
    IdSource.TMDB: "278",
    IdSource.WIKIDATA: "Q172241",
    IdSource.WIKIPEDIA: "The Shawshank Redemption",
    IdSource.MOVIELENS: "318",
    IdSource.LETTERBOXD: "the-shawshank-redemption",
}
PERSON_EXAMPLES = EXAMPLES | {
    IdSource.IMDB: "nm0000151",
    IdSource.TMDB: "192",
    IdSource.WIKIDATA: "Q48337",
    IdSource.WIKIPEDIA: "Morgan Freeman",
    IdSource.LETTERBOXD: "morgan-freeman",
}


class DatedForm(VersionedForm):
    """Dates that carry their precision: a date alone is known to the day."""

    dates: ClassVar[dict[str, str]] = {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name, precision in self.dates.items():
            self.clean_dated(name, precision)
        return cleaned

    def clean_dated(self, name: str, precision: str) -> None:
        day, known = self.cleaned_data.get(name), self.cleaned_data.get(precision)
        if day is not None:
            known = known or Precision.DAY.value
            self.cleaned_data.update({name: truncated(day, known), precision: known})
        elif known and name not in self.errors:
            self.add_error(precision, "There is no date that this could be the precision of.")


class FilmForm(DatedForm):
    """A film's own columns."""

    dates = {"release_date": "release_precision"}

    class Meta:
        model = Film
        fields = "__all__"
        widgets = {
            "original_title": UnfoldAdminTextInputWidget(),
            "tagline": UnfoldAdminTextInputWidget(),
            "overview": UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        }

    def clean_poster(self) -> Any:
        """An uploaded picture of bearable size in a form that browsers show, under a name of our own.

        Raises ValidationError; that it is a picture at all, Django's field has checked with Pillow.
        """
        poster = self.cleaned_data.get("poster")
        if not isinstance(poster, UploadedFile):
            return poster
        image = getattr(poster, "image", None)
        suffix = POSTER_SUFFIXES.get(getattr(image, "format", None) or "")
        if image is None or suffix is None:
            raise ValidationError("A poster is a JPEG, PNG or WebP picture.", code="format")
        if (poster.size or 0) > POSTER_LIMIT_BYTES:
            raise ValidationError("A poster has at most 10 MB.", code="size")
        if image.width * image.height > POSTER_LIMIT_PIXELS:
            raise ValidationError("A poster has at most 50 million pixels.", code="size")
        stem = slugify(self.cleaned_data.get("title") or "")[:60] or "poster"
        poster.name = f"{stem}-{secrets.token_hex(4)}.{suffix}"
        return poster


class PersonForm(DatedForm):
    """A person's own columns."""

    dates = {"birth_date": "birth_precision", "death_date": "death_precision"}

    class Meta:
        model = Person
        fields = "__all__"


class ExternalIdForm(ModelForm):
    """An id in the form that its source uses; IMDb's begin with `imdb_prefix`."""

    imdb_prefix = "tt"
    examples: ClassVar[dict[IdSource, str]] = EXAMPLES

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        source, value = self.cleaned_data.get("source"), self.cleaned_data.get("value")
        if source and value and not is_well_formed(IdSource(source), value, imdb_prefix=self.imdb_prefix):
            self.add_error(
                "value", f"This is no id of {source}. One looks like this: {self.examples[IdSource(source)]}"
            )
        return cleaned


class PersonExternalIdForm(ExternalIdForm):
    """An id of a person."""

    imdb_prefix = "nm"
    examples = PERSON_EXAMPLES
