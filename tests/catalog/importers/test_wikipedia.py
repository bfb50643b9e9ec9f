"""An import brings each film once, whatever the file's order and however often, and leaves curators' work alone."""

import random
from typing import Any

import pytest

from catalog.importers.source import opened
from catalog.importers.wikipedia import load
from catalog.models import CastCredit, Film, FilmExternalId, FilmOrigin, Genre, Person
from tests.catalog.importers.conftest import Imported, Written
from tests.catalog.importers.rows import picture, row

pytestmark = pytest.mark.django_db

DEMILLE = row(cast=["Geraldine Farrar"], genres=["Drama", "Silent"], href="Carmen_(DeMille)", extract="By DeMille.")
WALSH = row(cast=["Theda Bara"], genres=["Drama"], href="Carmen_(Walsh)", extract="By Walsh.")
SHORT_CAST = row("Boy of Mine", 1923, cast=["R. Fellowes", "Irene Rich"], genres=["Family"], href="Boy_of_Mine")
LONG_CAST = row("Boy of Mine", 1923, cast=["Ben A.", "R. Fellowes", "H. W."], genres=["Drama"], href="Boy_of_Mine")
SHARED_PAGE = [row("Up the River", 1930, href="Up_the_River"), row("Up the River", 1938, href="Up_the_River")]
ROWS = [DEMILLE, WALSH, SHORT_CAST, LONG_CAST, *SHARED_PAGE, row("This Is America", 1933), DEMILLE]


def only() -> Film:
    return Film.objects.get()


def names(film: Film) -> list[str]:
    return list(film.cast.values_list("person__name", flat=True))


def test_a_film_comes_with_all_that_the_row_says(imported: Imported) -> None:
    imported(DEMILLE)
    expected = ("Carmen", 1915, "By DeMille.", True, ["Drama", "Silent"], ["Geraldine Farrar"])
    assert picture() == [(*expected, ["wikipedia:Carmen_(DeMille)"])]


def test_the_billing_is_the_order_of_the_row(imported: Imported) -> None:
    imported(LONG_CAST)
    billed = list(CastCredit.objects.values_list("order", "person__name"))
    assert billed == [(0, "Ben A."), (1, "R. Fellowes"), (2, "H. W.")]


def test_one_name_is_one_person(imported: Imported) -> None:
    imported(row("A", cast=["Theda Bara"]), row("B", cast=["Theda Bara"]))
    assert Person.objects.get(name="Theda Bara").cast_credits.count() == 2


def test_films_of_one_title_and_year_but_other_pages_are_two(imported: Imported) -> None:
    imported(DEMILLE, WALSH)
    assert Film.objects.filter(title="Carmen", year=1915).count() == 2


def test_films_that_share_a_page_are_two_and_the_page_is_nobodys_id(imported: Imported) -> None:
    imported(*SHARED_PAGE)
    assert (Film.objects.count(), FilmExternalId.objects.count()) == (2, 0)


def test_a_page_that_turns_out_to_be_shared_is_taken_back(imported: Imported) -> None:
    imported(SHARED_PAGE[0])
    imported(SHARED_PAGE[1])
    assert (Film.objects.count(), FilmExternalId.objects.count()) == (2, 0)
    assert sorted(Film.objects.values_list("version", flat=True)) == [1, 2]


def test_equal_rows_are_one_film(imported: Imported) -> None:
    said = imported(DEMILLE, DEMILLE)
    assert Film.objects.count() == 1
    assert "1 rows joined with another of the same film" in said


def test_rows_of_one_film_are_joined_and_the_fuller_leads(imported: Imported) -> None:
    imported(SHORT_CAST, LONG_CAST)
    assert names(only()) == ["Ben A.", "R. Fellowes", "H. W.", "Irene Rich"]
    assert {genre.name for genre in only().genres.all()} == {"Drama", "Family"}


def test_the_same_file_twice_changes_nothing(imported: Imported) -> None:
    imported(*ROWS)
    before = picture(), list(Film.objects.values_list("id", "version", "updated"))
    said = imported(*ROWS)
    assert (picture(), list(Film.objects.values_list("id", "version", "updated"))) == before
    assert said.startswith("8 rows: 0 films added, 0 changed, 6 as they were")


@pytest.mark.parametrize("seed", range(5))
def test_a_shuffled_file_gives_the_same_catalogue(imported: Imported, seed: int) -> None:
    imported(*random.Random(seed).sample(ROWS, len(ROWS)))  # noqa: S311  an order, not a secret
    shuffled = picture()
    Film.objects.all().delete()
    FilmOrigin.objects.all().delete()
    imported(*ROWS)
    assert picture() == shuffled


def test_a_shuffled_file_changes_nothing_that_was_imported(imported: Imported) -> None:
    imported(*ROWS)
    assert ", 0 changed, 6 as they were" in imported(*reversed(ROWS))


def test_batches_end_anywhere(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of one film give what one batch gives, shared pages and repeated rows included."""
    monkeypatch.setattr("catalog.importers.wikipedia.BATCH_SIZE", 1)
    with opened(str(written(*ROWS))) as source:
        report = load(source, track=lambda items, **_: iter(items))
    assert (report.added, FilmExternalId.objects.count()) == (6, 3)


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"extract": "New."}, ("New.", ["Drama", "Silent"], ["Geraldine Farrar"])),
        ({"extract": None}, (None, ["Drama", "Silent"], ["Geraldine Farrar"])),
        ({"genres": ["Western"]}, ("By DeMille.", ["Western"], ["Geraldine Farrar"])),
        ({"cast": ["W. Reid", "G. Farrar"]}, ("By DeMille.", ["Drama", "Silent"], ["W. Reid", "G. Farrar"])),
        ({"cast": []}, ("By DeMille.", ["Drama", "Silent"], [])),
    ],
)
def test_a_changed_row_changes_its_film(imported: Imported, change: dict[str, Any], expected: tuple[Any, ...]) -> None:
    imported(DEMILLE)
    film_id = only().pk
    said = imported(DEMILLE | change)
    assert (only().pk, only().version) == (film_id, 2)
    assert (picture()[0][2], *picture()[0][4:6]) == expected
    assert "0 films added, 1 changed" in said


def test_an_unchanged_row_undoes_nothing_that_a_curator_did(imported: Imported) -> None:
    imported(DEMILLE)
    Film.objects.update(title="Carmen!", year=1916, overview="Mine.", published=False)
    only().genres.set([Genre.objects.create(name="Opera", slug="opera")])
    before = picture()
    imported(DEMILLE)
    assert picture() == before


def test_a_changed_row_leaves_what_a_curator_changed(imported: Imported) -> None:
    imported(DEMILLE)
    CastCredit.objects.update(character="Carmen")
    Film.objects.update(overview="Mine.")
    imported(DEMILLE | {"extract": "New.", "cast": ["W. Reid"], "genres": ["Western"]})
    assert picture()[0][2:6] == ("Mine.", True, ["Western"], ["Geraldine Farrar"])


def test_a_deleted_film_does_not_come_back(imported: Imported) -> None:
    imported(DEMILLE, WALSH)
    Film.objects.get(overview="By Walsh.").delete()
    said = imported(DEMILLE, WALSH)
    assert only().overview == "By DeMille."
    assert "1 deleted here before and left so" in said


def test_a_film_that_stands_here_from_elsewhere_is_joined(imported: Imported) -> None:
    film = Film.objects.create(title="CARMEN", year=1915, tagline="Mine.")
    CastCredit.objects.create(film=film, person=Person.objects.create(name="Geraldine Farrar"))
    said = imported(DEMILLE, WALSH)
    film.refresh_from_db()
    assert Film.objects.count() == 2
    assert (film.title, film.overview, film.published, film.genres.count()) == ("CARMEN", "By DeMille.", False, 2)
    assert "1 stood here already, from elsewhere" in said


@pytest.mark.parametrize("actor, copies", [("Somebody Else", 1), ("Geraldine Farrar", 2)])
def test_a_film_that_might_be_another_is_not_joined(imported: Imported, actor: str, copies: int) -> None:
    person = Person.objects.create(name=actor)
    for _ in range(copies):
        CastCredit.objects.create(film=Film.objects.create(title="Carmen", year=1915), person=person)
    imported(DEMILLE)
    assert Film.objects.count() == copies + 1


def test_a_page_that_a_curator_gave_to_another_film_stays_there(imported: Imported) -> None:
    other = Film.objects.create(title="Another")
    FilmExternalId.objects.create(film=other, source="wikipedia", value="Carmen_(DeMille)")
    imported(DEMILLE)
    assert FilmExternalId.objects.get().film == other


def test_a_page_too_long_for_an_id_is_left_out(imported: Imported) -> None:
    imported(row(href="C" * 301))
    assert (Film.objects.count(), FilmExternalId.objects.count()) == (1, 0)
