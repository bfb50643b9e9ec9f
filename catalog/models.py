"""The catalogue's tables: films, people and what ties them together.

Unknown is NULL everywhere, text included. Money is whole US dollars, time is minutes. A nullable column that lists
sort by has two generated columns, where NULL stands last in either direction, so that keyset pages need no OR.
Versions and times of change are kept by the triggers of catalog/changes, whoever writes.
"""

import random
from datetime import date
from typing import Any

from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from catalog.changes.models import BulkGuard, Change, ChangeLog, Displaced  # noqa: F401  Django looks here
from catalog.constraints import choices, dated, not_blank, one_of, within
from catalog.fields import KeptDateTimeField, KeptVersionField, OptionalTextField, SortKeyField
from catalog.registers import FilmRedirect, KeptAnswer, PersonRedirect, Token  # noqa: F401  and here
from catalog.search.models import SearchState, SearchWord  # noqa: F401
from catalog.values import (
    COUNTRY_CODE,
    EXTERNAL_ID_LENGTH,
    GENRE_SLUG_LENGTH,
    LANGUAGE_CODE,
    LINE_LENGTH,
    MONEY_MAX,
    NAME_LENGTH,
    PERSON_NAME_LENGTH,
    RATING_MAX,
    RUNTIME_MAX,
    SLUG_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    YEAR_MAX,
    YEAR_MIN,
    Department,
    IdSource,
    Precision,
    RatingSource,
    Status,
    TitleKind,
)

SHUFFLE_MAX = 2**31 - 1


def generated(source: str, null_as: Any, output: "models.Field[Any, Any]") -> models.GeneratedField:
    """A stored column that is `source`, or `null_as` where that is NULL."""
    return models.GeneratedField(expression=Coalesce(source, Value(null_as)), output_field=output, db_persist=True)


def sort_index(key: str) -> models.Index:
    """The index of one sort of `/api/movies`: its key, then the id that breaks ties, published films only."""
    return models.Index(fields=[key, "id"], condition=Q(published=True), name=f"film_by_{key}")


def shuffle_number() -> int:
    return random.randint(0, SHUFFLE_MAX)  # noqa: S311  an order to browse in, not a secret


class Named(models.Model):
    """A row that is little more than its name."""

    name = models.CharField(max_length=NAME_LENGTH)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Genre(Named):
    slug = models.SlugField(max_length=GENRE_SLUG_LENGTH, unique=True)


class Keyword(Named):
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)


class Country(Named):
    """ISO 3166-1 alpha-2, and the former states that made films (SU, CS, YU, DD)."""

    code = models.CharField(
        max_length=2, primary_key=True, validators=[RegexValidator(rf"\A{COUNTRY_CODE}\Z", "Two capital letters.")]
    )

    class Meta(Named.Meta):
        verbose_name_plural = "countries"


class Language(Named):
    """ISO 639-1, or 639-3 where the language has no code of two letters."""

    code = models.CharField(
        max_length=3,
        primary_key=True,
        validators=[RegexValidator(rf"\A{LANGUAGE_CODE}\Z", "Two or three small letters.")],
    )


class Company(Named):
    country = models.ForeignKey(Country, models.SET_NULL, null=True, blank=True)

    class Meta(Named.Meta):
        verbose_name_plural = "companies"
        constraints = [
            models.UniqueConstraint(
                "name", name="company_name_unique", violation_error_message="There is a company of this name already."
            )
        ]


class Collection(Named):
    """Films that belong together, such as a trilogy."""

    class Meta(Named.Meta):
        constraints = [
            models.UniqueConstraint(
                "name",
                name="collection_name_unique",
                violation_error_message="There is a collection of this name already.",
            )
        ]


class Person(models.Model):
    name = models.CharField(max_length=PERSON_NAME_LENGTH)
    name_key = SortKeyField(source="name")
    birth_date = models.DateField(null=True, blank=True)
    birth_precision = models.CharField(max_length=5, choices=choices(Precision), null=True, blank=True)
    death_date = models.DateField(null=True, blank=True)
    death_precision = models.CharField(max_length=5, choices=choices(Precision), null=True, blank=True)
    version = KeptVersionField()
    created = models.DateTimeField(auto_now_add=True)
    updated = KeptDateTimeField()

    birth_date_asc = generated("birth_date", date.max, models.DateField())
    birth_date_desc = generated("birth_date", date.min, models.DateField())

    class Meta:
        ordering = ["name_key", "id"]
        verbose_name_plural = "people"
        indexes = [
            models.Index(fields=[key, "id"], name=f"person_by_{key}")
            for key in ("name_key", "birth_date_asc", "birth_date_desc", "created", "updated")
        ]
        constraints = [
            not_blank("name"),
            one_of("birth_precision", Precision),
            one_of("death_precision", Precision),
            dated("birth_date", "birth_precision"),
            dated("death_date", "death_precision"),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=True) | Q(death_date__isnull=True) | Q(death_date__gte=F("birth_date")),
                name="person_born_before_death",
                violation_error_message="Nobody dies before being born: look at the two dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.birth_date.year})" if self.birth_date else self.name


class Film(models.Model):
    title = models.CharField(max_length=TITLE_LENGTH)
    title_key = SortKeyField(source="title")
    original_title = OptionalTextField(validators=[MaxLengthValidator(TITLE_LENGTH)])
    original_title_key = SortKeyField(source="original_title")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    release_date = models.DateField(null=True, blank=True)
    release_precision = models.CharField(max_length=5, choices=choices(Precision), null=True, blank=True)
    runtime = models.PositiveIntegerField("runtime (minutes)", null=True, blank=True)
    overview = OptionalTextField(validators=[MaxLengthValidator(TEXT_LENGTH)])
    tagline = OptionalTextField(validators=[MaxLengthValidator(LINE_LENGTH)])
    original_language = models.ForeignKey(Language, models.PROTECT, null=True, blank=True, related_name="originals")
    status = models.CharField(max_length=20, choices=choices(Status), default=Status.RELEASED.value)
    published = models.BooleanField(default=False, help_text="Drafts are not in the API.")
    publish_at = models.DateTimeField(null=True, blank=True, help_text="UTC; a draft then comes out by itself.")
    budget = models.BigIntegerField("budget (US$)", null=True, blank=True)
    revenue = models.BigIntegerField("revenue (US$)", null=True, blank=True)
    rating = models.FloatField(null=True, blank=True, editable=False, help_text="0 to 10, over all sources.")
    votes = models.PositiveIntegerField(default=0, editable=False)
    popularity = models.FloatField(default=0)
    poster = models.ImageField(upload_to="posters/", null=True, blank=True)
    collection = models.ForeignKey(Collection, models.SET_NULL, null=True, blank=True, related_name="films")
    genres = models.ManyToManyField(Genre, blank=True, related_name="films")
    countries = models.ManyToManyField(Country, blank=True, related_name="films")
    languages = models.ManyToManyField(Language, blank=True, related_name="films")
    keywords = models.ManyToManyField(Keyword, blank=True, related_name="films")
    companies = models.ManyToManyField(Company, blank=True, related_name="films")
    shuffle = models.PositiveIntegerField(default=shuffle_number, editable=False)
    version = KeptVersionField()
    created = models.DateTimeField(auto_now_add=True)
    updated = KeptDateTimeField()

    year_asc = generated("year", 32767, models.IntegerField())
    year_desc = generated("year", -1, models.IntegerField())
    release_date_asc = generated("release_date", date.max, models.DateField())
    release_date_desc = generated("release_date", date.min, models.DateField())
    runtime_asc = generated("runtime", 2**31 - 1, models.IntegerField())
    runtime_desc = generated("runtime", -1, models.IntegerField())
    revenue_asc = generated("revenue", 2**62, models.BigIntegerField())
    revenue_desc = generated("revenue", -1, models.BigIntegerField())
    rating_asc = generated("rating", 99.0, models.FloatField())
    rating_desc = generated("rating", -1.0, models.FloatField())

    class Meta:
        ordering = ["-id"]
        indexes = [
            *(
                sort_index(f"{name}_{direction}")
                for name in ("year", "release_date", "runtime", "revenue", "rating")
                for direction in ("asc", "desc")
            ),
            *(sort_index(name) for name in ("title_key", "votes", "popularity", "created", "updated", "shuffle")),
            # What counts links of published films takes those of drafts away.
            models.Index(fields=["id"], condition=Q(published=False), name="film_drafts"),
            models.Index(fields=["publish_at"], condition=Q(publish_at__isnull=False), name="film_to_come_out"),
            # The admin lists and searches drafts too.
            *(
                models.Index(fields=[key, "id"], name=f"film_admin_by_{name}")
                for key, name in (
                    ("title_key", "title"),
                    ("original_title_key", "original"),
                    ("year_desc", "year"),
                    ("rating_desc", "rating"),
                    ("updated", "updated"),
                )
            ),
        ]
        constraints = [
            not_blank("title"),
            within("year", YEAR_MIN, YEAR_MAX),
            within("runtime", 1, RUNTIME_MAX),
            within("budget", 1, MONEY_MAX),
            within("revenue", 1, MONEY_MAX),
            within("rating", 0, RATING_MAX),
            one_of("status", Status),
            one_of("release_precision", Precision),
            dated("release_date", "release_precision"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title


class Title(models.Model):
    """A film's title in a region or language."""

    film = models.ForeignKey(Film, models.CASCADE, related_name="titles")
    title = models.CharField(max_length=TITLE_LENGTH)
    title_key = SortKeyField(source="title")
    region = models.ForeignKey(Country, models.PROTECT, null=True, blank=True)
    language = models.ForeignKey(Language, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=20, choices=choices(TitleKind), default=TitleKind.RELEASE.value)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["title_key", "film"], name="title_by_title_key")]
        constraints = [
            not_blank("title"),
            one_of("kind", TitleKind),
            models.UniqueConstraint(
                "film",
                "title",
                Coalesce("region", Value("")),
                Coalesce("language", Value("")),
                name="title_once_a_region_and_language",
                violation_error_message="The film has this title for the same region and language already.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CastCredit(models.Model):
    film = models.ForeignKey(Film, models.CASCADE, related_name="cast")
    person = models.ForeignKey(Person, models.PROTECT, related_name="cast_credits")
    character = OptionalTextField(validators=[MaxLengthValidator(LINE_LENGTH)])
    order = models.PositiveIntegerField(default=0, help_text="Place in the billing, 0 first.")

    class Meta:
        ordering = ["order", "id"]
        indexes = [models.Index(fields=["film", "order", "id"], name="cast_in_billing_order")]
        constraints = [
            models.UniqueConstraint(
                "film",
                "person",
                Coalesce("character", Value(""), output_field=models.TextField()),
                name="cast_once_a_film_and_character",
                violation_error_message="This person plays this character in the film already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} as {self.character}" if self.character else str(self.person)


class CrewCredit(models.Model):
    film = models.ForeignKey(Film, models.CASCADE, related_name="crew")
    person = models.ForeignKey(Person, models.PROTECT, related_name="crew_credits")
    department = models.CharField(max_length=40, choices=choices(Department))
    job = models.CharField(max_length=NAME_LENGTH)
    order = models.PositiveIntegerField(default=0, help_text="Place within the film's crew, 0 first.")

    class Meta:
        ordering = ["order", "id"]
        indexes = [models.Index(fields=["film", "order", "id"], name="crew_in_order")]
        constraints = [
            not_blank("job"),
            one_of("department", Department),
            models.UniqueConstraint(
                "film",
                "person",
                "job",
                name="crew_once_a_film_and_job",
                violation_error_message="This person has this job in the film already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.job}"


class Rating(models.Model):
    """What one source's users think of a film, on that source's own scale."""

    film = models.ForeignKey(Film, models.CASCADE, related_name="ratings")
    source = models.CharField(max_length=20, choices=choices(RatingSource))
    average = models.FloatField()
    scale = models.PositiveSmallIntegerField(default=10, help_text="The best mark of this source: 5 or 10.")
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            one_of("source", RatingSource),
            models.CheckConstraint(
                condition=Q(average__gte=0, average__lte=F("scale"), scale__in=[5, 10]),
                name="rating_average_in_scale",
                violation_error_message="The scale is 5 or 10, and the average is from 0 to the scale.",
            ),
            models.UniqueConstraint(
                "film",
                "source",
                name="rating_once_a_source",
                violation_error_message="The film has a rating of this source already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.average}/{self.scale} ({self.count})"


class ExternalId(models.Model):
    """What another catalogue calls the same thing. Not known means no row, so it is never ''."""

    source = models.CharField(max_length=20, choices=choices(IdSource))
    value = models.CharField(max_length=EXTERNAL_ID_LENGTH)

    class Meta:
        abstract = True
        ordering = ["source"]
        constraints = [
            not_blank("value"),
            one_of("source", IdSource),
            models.UniqueConstraint(
                "source",
                "value",
                name="%(class)s_unique_in_source",
                violation_error_message="This id stands at another entry already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.value}"


class FilmExternalId(ExternalId):
    film = models.ForeignKey(Film, models.CASCADE, related_name="external_ids")

    class Meta(ExternalId.Meta):
        constraints = [
            *ExternalId.Meta.constraints,
            models.UniqueConstraint(
                "film",
                "source",
                name="film_one_id_a_source",
                violation_error_message="There is an id of this source already.",
            ),
        ]


class PersonExternalId(ExternalId):
    person = models.ForeignKey(Person, models.CASCADE, related_name="external_ids")

    class Meta(ExternalId.Meta):
        constraints = [
            *ExternalId.Meta.constraints,
            models.UniqueConstraint(
                "person",
                "source",
                name="person_one_id_a_source",
                violation_error_message="There is an id of this source already.",
            ),
        ]


class FilmOrigin(models.Model):
    """The row of a source that a film came from, so that an import which meets it again finds the same film.

    It outlives its film: what was deleted here does not come back with the next import.
    """

    film = models.ForeignKey(Film, models.SET_NULL, null=True, blank=True, related_name="origins")
    source = models.CharField(max_length=20, choices=choices(IdSource))
    key = models.CharField(max_length=64, help_text="A digest of what makes a row of this source the same film.")
    page = OptionalTextField()
    said = models.JSONField(default=dict, help_text="Digests of what the source said last, by part of the film.")

    class Meta:
        indexes = [models.Index(fields=["source", "page"], name="origin_by_page")]
        constraints = [
            one_of("source", IdSource),
            models.UniqueConstraint("source", "key", name="origin_once_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.page or self.key}"
