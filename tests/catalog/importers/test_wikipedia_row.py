"""A row is checked and cleaned; what makes no sense is told in words."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.importers.wikipedia_row import RowError, person, read, tidy
from tests.catalog.importers.rows import row


def test_a_row_says_what_it_says() -> None:
    record, crumbs = read(row(cast=["Theda Bara"], genres=["Drama"], href="Carmen", extract="A film.", thumbnail="x"))
    assert crumbs == 0
    assert (record.title, record.year, record.page, record.overview) == ("Carmen", 1915, "Carmen", "A film.")
    assert (record.cast, record.genres) == (("Theda Bara",), ("Drama",))


def test_what_is_unknown_is_none_and_never_blank() -> None:
    record, _ = read({"title": "Carmen", "year": 1915, "href": "", "extract": "  ", "cast": None, "genres": None})
    assert (record.page, record.overview, record.cast, record.genres) == (None, None, (), ())


@pytest.mark.parametrize("title", ["813", "1984", "It", "M", "None", "Null", "=SUM(A1)", "<script>", "%s"])
def test_odd_titles_are_titles(title: str) -> None:
    assert read(row(title))[0].title == title


@pytest.mark.parametrize(
    "raw, clean",
    [
        ("The Cord of Life[1]", "The Cord of Life"),
        ("Fly by Night\xa0[fr]", "Fly by Night"),
        ("Naked Gun .mw-parser-output .frac{a:b}.mw-parser-output .sr{c:d}33: Insult", "Naked Gun 33: Insult"),
        ("  Two \n words\u200b ", "Two words"),
        ("Ame\u0301lie", "Amélie"),
        ("[REC]", "[REC]"),
    ],
)
def test_a_title_loses_the_markup_of_the_wiki(raw: str, clean: str) -> None:
    assert tidy(raw) == clean


@pytest.mark.parametrize(
    "name", ["will.i.am", "india.arie", "U2", "X", "R.E.M.", "50 Cent", "Dave (Tex) O'Brien", "Efrem Zimbalist, Jr."]
)
def test_odd_names_are_names(name: str) -> None:
    assert person(name) == name


@pytest.mark.parametrize(
    "crumb", ["and", "(", ")", ".", "?", "[a]", "[2]", "(narrator)", "(The", "nominee)", "Voices of", "life of", "Sr."]
)
def test_crumbs_of_the_scraper_are_no_names(crumb: str) -> None:
    assert person(crumb) is None


def test_crumbs_are_counted() -> None:
    record, crumbs = read(row(cast=["and", "Anvil", "(", "X"]))
    assert (record.cast, crumbs) == (("Anvil", "X"), 2)


def test_a_note_behind_a_name_is_none_of_it() -> None:
    assert person("John Wood (English actor)") == "John Wood"


def test_an_actor_who_stands_twice_plays_once() -> None:
    record, _ = read(row(cast=["A. B.", "C. D.", "A. B.", "A. B. (actor)"]))
    assert record.cast == ("A. B.", "C. D.")


def test_two_words_for_one_genre_are_one() -> None:
    record, _ = read(row(genres=["Sport", "Sports", "Animated", "Noir", " "]))
    assert record.genres == ("Sports", "Animation", "Noir")


@pytest.mark.parametrize(
    "value, reason",
    [
        (7, "Expected `object`, got `int`"),
        (None, "Expected `object`, got `null`"),
        ([], "Expected `object`, got `array`"),
        ({"year": 1915}, "missing required field `title`"),
        ({"title": "Carmen"}, "missing required field `year`"),
        (row(""), "has no title"),
        (row("[1]"), "has no title"),
        (row("C" * 501), "title is longer than 500 characters"),
        (row(year=1869), r"Expected `int` >= 1870 - at `\$.year`"),
        (row(year=2101), r"Expected `int` <= 2100 - at `\$.year`"),
        (row(year="1915"), r"Expected `int`, got `str` - at `\$.year`"),
        (row(year=True), r"Expected `int`, got `bool` - at `\$.year`"),
        (row(year=Decimal("1915.5")), r"Expected `int`, got `decimal` - at `\$.year`"),
        (row(title=7), r"Expected `str`, got `int` - at `\$.title`"),
        (row(cast="Theda Bara"), r"Expected `array \| null`, got `str` - at `\$.cast`"),
        (row(cast=[7]), r"Expected `str`, got `int` - at `\$.cast\[0\]`"),
        (row(cast=["C" * 301]), "cast is longer than 300 characters"),
        (row(genres=["C" * 101]), "genres is longer than 100 characters"),
        (row(genres=["?!"]), "genres holds a name without letters"),
        (row(extract="C" * 20_001), "extract is longer than 20000 characters"),
        (row(href="C" * 1001), "href is longer than 1000 characters"),
        (row("Car\0men"), "title holds a character that is no text"),
        (row(extract="Car\0men"), "extract holds a character that is no text"),
        (row(cast=["Theda\ud800"]), "cast holds a character that is no text"),
    ],
)
def test_a_dirty_row_says_what_is_wrong(value: Any, reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        read(value)
