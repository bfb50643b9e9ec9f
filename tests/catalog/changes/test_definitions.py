"""The table of definitions covers the catalogue."""

import pytest
from django.apps import apps

from catalog.changes.definitions import LINKS, LOGGED, NAMES, ROOTS, Root

NO_ANSWER_SHOWS = {
    *("catalog_filmorigin", "catalog_change", "catalog_changelog", "catalog_bulkguard", "catalog_displaced"),
    *("catalog_searchword", "catalog_searchstate"),  # made of what is logged
    # of answers that may not be kept
    *("catalog_token", "catalog_filmredirect", "catalog_personredirect", "catalog_keptanswer"),
    *("catalog_allowance", "catalog_job", "catalog_webhook", "catalog_webhookattempt"),
}


def tables() -> set[str]:
    models = apps.get_app_config("catalog").get_models(include_auto_created=True)
    return {model._meta.db_table for model in models}


def test_every_table_is_logged_or_known_to_be_shown_nowhere() -> None:
    logged = [each.table for each in LOGGED]
    assert set(logged) | NO_ANSWER_SHOWS == tables()
    assert len(logged) == len(set(logged))


def test_entities_have_names_of_their_own() -> None:
    assert len({each.entity for each in LOGGED}) == len(ROOTS) + len(LINKS) + len(NAMES)


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.entity)
def test_generated_columns_are_known(root: Root) -> None:
    fields = apps.get_model("catalog", root.entity)._meta.concrete_fields
    assert set(root.generated) == {field.column for field in fields if field.generated}


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.entity)
def test_columns_that_are_named_exist(root: Root) -> None:
    model = apps.get_model("catalog", root.entity)
    columns = {field.column for field in model._meta.concrete_fields}
    assert {*root.names, *([root.published] if root.published else [])} <= columns
