"""Countries and languages stand in every migrated database, by the names that people use."""

import importlib
import re
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from catalog.models import Country, Film, Language

pytestmark = pytest.mark.django_db

MIGRATION = importlib.import_module("catalog.migrations.0002_reference_data")


def load() -> None:
    MIGRATION.load(apps, SimpleNamespace(connection=connection))


@pytest.mark.contract("types.codes")
def test_all_countries_and_four_former_ones_are_there() -> None:
    assert Country.objects.count() == 249 + 4


@pytest.mark.contract("types.codes")
def test_all_languages_of_two_letters_are_there() -> None:
    codes = list(Language.objects.values_list("code", flat=True))
    assert len([code for code in codes if len(code) == 2]) == 184


@pytest.mark.parametrize(
    "code, name",
    [("KR", "South Korea"), ("BO", "Bolivia"), ("SU", "Soviet Union"), ("CS", "Czechoslovakia"), ("NA", "Namibia")],
)
def test_countries_have_the_names_that_people_use(code: str, name: str) -> None:
    assert Country.objects.get(pk=code).name == name


@pytest.mark.parametrize("code, name", [("ja", "Japanese"), ("sh", "Serbo-Croatian"), ("yue", "Cantonese")])
def test_languages_have_the_names_that_people_use(code: str, name: str) -> None:
    assert Language.objects.get(pk=code).name == name


@pytest.mark.contract("types.codes")
@pytest.mark.parametrize("model, form", [(Country, r"[A-Z]{2}"), (Language, r"[a-z]{2,3}")])
def test_codes_have_the_form_of_their_standard_and_names_are_told_apart(
    model: "type[Country] | type[Language]", form: str
) -> None:
    rows = list(model.objects.values_list("code", "name"))
    assert all(re.fullmatch(form, code) and name.strip() == name for code, name in rows)
    assert len({name for _, name in rows}) == len(rows)


def test_loading_again_adds_what_is_missing_and_keeps_what_was_renamed() -> None:
    Country.objects.filter(pk="KR").delete()
    Country.objects.filter(pk="TR").update(name="Türkiye")
    load()
    assert Country.objects.filter(pk__in=["KR", "TR"]).count() == 2
    assert Country.objects.get(pk="TR").name == "Türkiye"


def test_nothing_is_undone_under_the_films() -> None:
    """Going back is no step of its own, so films keep their country."""
    Film.objects.create(title="Ikiru").countries.set(Country.objects.filter(pk="JP"))
    assert MIGRATION.Migration.operations[0].reversible
