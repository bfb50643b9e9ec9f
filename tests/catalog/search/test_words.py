"""Text becomes the same words on both sides: where it is indexed and where it is asked for."""

import pytest

from catalog.search.words import WORD_LENGTH, bag, whole, without_article, words


@pytest.mark.parametrize(
    "text,found",
    [
        ("Amélie", ["amelie"]),
        ("AMÉLIE", ["amelie"]),
        ("Ame\u0301lie", ["amelie"]),
        ("Schindler's List", ["schindlers", "list"]),
        ("Schindler’s", ["schindlers"]),
        ("Spider-Man 2", ["spider", "man", "spiderman", "2"]),
        ("WALL·E", ["wall", "e"]),
        ("Se7en!", ["se7en"]),
        ("ﬁlm", ["film"]),
        ("七人の侍", ["七人", "人の", "の侍", "侍"]),
        ("侍", ["侍"]),
        ("ガメラ2 レギオン", ["カメ", "メラ", "ラ", "2", "レキ", "キオ", "オン", "ン"]),
        ("기생충", ["기생", "생충", "충"]),
        ("Сталкер", ["сталкер"]),
        ("كفرناحوم", ["كفرناحوم"]),
        ("मदर इंडिया", ["मदर", "इंडिया"]),
        ("...", []),
        ("", []),
        ("\u200f\u0000", []),
    ],
)
def test_words_are_folded(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_long_word_is_cut() -> None:
    assert words("x" * 5000) == ["x" * WORD_LENGTH]


@pytest.mark.parametrize("text", ["The Godfather", "the  godfather", "THE GODFATHER!", " the godfather "])
def test_a_whole_title_is_one_token_however_it_is_written(text: str) -> None:
    assert whole(text) == whole("The Godfather")


@pytest.mark.parametrize("title", ["The Godfather", "the godfather", "An Education", "L’Avventura", "Das Boot", "A"])
def test_a_title_is_whole_without_its_article_too(title: str) -> None:
    tokens = bag([title], []).split()
    assert {whole(title), whole(without_article(title))} <= set(tokens)
    assert (whole(title) == whole(without_article(title))) is (title == "A")


def test_a_bag_has_each_token_once_and_tells_titles_from_the_rest() -> None:
    tokens = bag(["Alien", "Alien"], ["an alien ship"]).split()
    assert sorted(tokens) == sorted({whole("Alien"), "alien", "\ue000alien", "an", "ship"})
