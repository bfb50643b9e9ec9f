"""`q=` finds films by their words, the best match first, alike on both databases."""

from itertools import chain, pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import changes, selectors
from catalog.models import CastCredit, Country, CrewCredit, Film, Person, Title
from catalog.search import index
from catalog.search.models import SearchState
from catalog.values import BEST_MATCH, MATCH_KINDS, FilmQuery, Position, RecordPage, Term

pytestmark = pytest.mark.django_db


def found(text: str, **asked: object) -> list[str]:
    """The titles of a search's first page."""
    query = FilmQuery(**{"limit": 20, "order": BEST_MATCH, "fields": ("title",), "text": text, **asked})  # type: ignore[arg-type]
    return [film.title for film in selectors.films(query).records]  # type: ignore[attr-defined]


@pytest.fixture
def shelf() -> None:
    """Films of many scripts; popularity falls from the first to the last."""
    titles = (
        *("The Godfather", "The Godfather Part II", "3 Godfathers", "Amélie", "七人の侍", "Schindler's List"),
        *("Spider-Man", "Сталкер", "기생충", "Matrix"),
    )
    for place, title in enumerate(titles):
        Film.objects.create(title=title, published=True, popularity=100 - place, overview=f"About number {place}.")
    Film.objects.create(title="Secret Godfather", published=False, popularity=1000)


@pytest.mark.contract("search.where", "search.folded", "search.typo")
@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "text,titles",
    [
        ("godfather", ["The Godfather", "The Godfather Part II"]),
        ("GODFATHER part", ["The Godfather Part II"]),
        ("the godfather", ["The Godfather", "The Godfather Part II"]),
        ("godfater", ["The Godfather", "The Godfather Part II"]),
        ("godfahter", ["The Godfather", "The Godfather Part II"]),
        ("ggodfather", ["The Godfather", "The Godfather Part II"]),
        ("godfazher part", ["The Godfather Part II"]),
        ("amelie", ["Amélie"]),
        ("AMÉLIE", ["Amélie"]),
        ("ame\u0301lie", ["Amélie"]),
        ("侍", ["七人の侍"]),
        ("七人", ["七人の侍"]),
        ("の侍", ["七人の侍"]),
        ("schindlers", ["Schindler's List"]),
        ("schindler’s list", ["Schindler's List"]),
        ("spider man", ["Spider-Man"]),
        ("spiderman", ["Spider-Man"]),
        ("spider-man", ["Spider-Man"]),
        ("сталкер", ["Сталкер"]),
        ("сталкир", ["Сталкер"]),
        ("생충", ["기생충"]),
        ("number 9", ["Matrix"]),
        ("mtrix", ["Matrix"]),
        ("trix", []),
        ("amlie", ["Amélie"]),
        ("patr", []),
        ("godfather patr", []),
        ("godfather matrix", []),
        ('godfather" OR "matrix', []),
        ("god*", []),
        ("-godfather", ["The Godfather", "The Godfather Part II"]),
        ("godfather AND NOT part", []),
    ],
)
def test_a_text_finds_films(text: str, titles: list[str]) -> None:
    assert found(text) == titles


@pytest.mark.contract("search.order")
@pytest.mark.usefixtures("shelf")
def test_the_whole_title_comes_first_then_words_of_titles_then_the_rest_each_by_popularity() -> None:
    Film.objects.create(title="A Matrix for Two", published=True, popularity=500)
    Film.objects.create(title="Hackers", overview="Nothing like Matrix.", published=True, popularity=900)
    Film.objects.create(title="matrix", published=True, popularity=1)
    assert found("Matrix") == ["Matrix", "matrix", "A Matrix for Two", "Hackers"]


@pytest.mark.contract("search.where")
def test_people_and_titles_of_other_languages_are_found() -> None:
    film = Film.objects.create(title="Seven Samurai", published=True)
    Title.objects.create(film=film, title="Les Sept Samouraïs", region=Country.objects.get(code="FR"))
    CastCredit.objects.create(film=film, person=Person.objects.create(name="Toshirō Mifune"), character="Kikuchiyo")
    CrewCredit.objects.create(
        film=film, person=Person.objects.create(name="Akira Kurosawa"), department="Directing", job="Director"
    )
    for text in ("samourais", "sept samurai", "mifune", "kurosawa samurai", "kurosowa"):
        assert found(text) == ["Seven Samurai"], text


def test_a_title_is_whole_without_its_article() -> None:
    for title, popularity in (("Disco Godfather", 100), ("The Godfather", 1)):
        Film.objects.create(title=title, published=True, popularity=popularity)
    assert found("godfather") == ["The Godfather", "Disco Godfather"]


@pytest.mark.contract("search.order", "search.typo")
@pytest.mark.parametrize(
    "text,title",
    [("casablnca", "Casablanca"), ("Casabalnca!", "Casablanca"), ("casablnca expres", "Casablanca Express")],
)
def test_a_mended_title_is_whole_too(text: str, title: str) -> None:
    for popularity, each in enumerate(("Casablanca", "Casablanca Express", "A Night in the Casablanca Express")):
        Film.objects.create(title=each, published=True, popularity=popularity)
    assert found(text)[0] == title


@pytest.mark.contract("search.order", "search.typo")
def test_a_mended_beginning_is_that_of_a_whole_title_too() -> None:
    Film.objects.create(title="A Night in Casablanca", published=True, popularity=3)
    Film.objects.create(title="Casablanca", published=True, popularity=1)
    titles = [film.title for film in selectors.suggestions("casablnc").records]  # type: ignore[attr-defined]
    assert titles == ["Casablanca", "A Night in Casablanca"]


def test_each_match_is_of_one_kind_and_counted_whatever_the_sort() -> None:
    """A title may be met as a whole though it lacks a word of the query, which stands elsewhere."""
    Film.objects.create(title="Spider Man", published=True, overview="About the Spiderman.")
    Film.objects.create(title="Spider, Man", published=True)
    for order in (BEST_MATCH, (Term("title"),)):
        assert sorted(found("spider-man", order=order)) == ["Spider Man", "Spider, Man"]


@pytest.mark.contract("search.order")
@pytest.mark.usefixtures("shelf")
def test_another_sort_is_obeyed() -> None:
    assert found("godfather", order=(Term("title", descending=True),)) == ["The Godfather Part II", "The Godfather"]


def page(limit: int, position: Position | None = None) -> RecordPage:
    """A page of the search for "alien"."""
    query = FilmQuery(limit=limit, order=BEST_MATCH, fields=("id",), text="alien", position=position)
    return selectors.films(query)


def ids(page: RecordPage) -> list[int]:
    return [film.id for film in page.records]  # type: ignore[attr-defined]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_a_walk_meets_each_match_once_and_back_again(limit: int) -> None:
    for number in range(9):
        title = ("Alien", f"Alien {number}", f"Other {number}")[number % 3]
        Film.objects.create(title=title, overview="alien", published=True, popularity=number // 2)
    pages = [page(limit)]
    while pages[-1].after:
        pages.append(page(limit, pages[-1].after))
    assert list(chain.from_iterable(map(ids, pages))) == ids(page(50))
    for before, after in pairwise(pages):
        assert after.before is not None
        assert ids(page(limit, after.before)) == ids(before)


@pytest.mark.contract("fresh.search")
@pytest.mark.usefixtures("shelf")
def test_a_search_reflects_every_change_before_it() -> None:
    assert found("matrix") == ["Matrix"]
    Film.objects.filter(title="Matrix").update(title="Metropolis")
    assert (found("matrix"), found("metropolis")) == ([], ["Metropolis"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_film SET published = %s WHERE title = 'Metropolis'", [False])
    assert found("metropolis") == []
    Film.objects.filter(title="Сталкер").delete()
    assert found("сталкер") == []


def test_a_renamed_person_is_found_by_the_new_name() -> None:
    film = Film.objects.create(title="Ran", published=True)
    person = Person.objects.create(name="Kihachiro Kawamoto")
    CastCredit.objects.create(film=film, person=person)
    assert found("kawamoto") == ["Ran"]
    Person.objects.filter(pk=person.pk).update(name="Tatsuya Nakadai")
    assert (found("kawamoto"), found("nakadai")) == ([], ["Ran"])


@pytest.mark.django_db(transaction=True)
def test_a_large_change_is_left_to_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "AT_ONCE", 2)
    monkeypatch.setattr(index, "PORTION", 3)
    with changes.bulk():
        Film.objects.bulk_create([Film(title=f"Solaris {number}", title_key="", published=True) for number in range(5)])
    assert found("solaris") == []
    assert [index.step(), len(found("solaris")), index.step(), len(found("solaris"))] == [3, 3, 2, 5]
    assert not index.is_behind()


@pytest.mark.django_db(transaction=True)
def test_what_changes_while_all_is_indexed_is_found_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "AT_ONCE", 2)
    monkeypatch.setattr(index, "PORTION", 3)
    with changes.bulk():
        Film.objects.bulk_create([Film(title=f"Solaris {number}", title_key="", published=True) for number in range(4)])
    index.step()
    Film.objects.filter(title="Solaris 0").update(title="Stalker")
    assert index.catch_up() >= 2
    assert (len(found("solaris")), found("stalker")) == (3, ["Stalker"])


def test_catching_up_drops_what_is_gone() -> None:
    film = Film.objects.create(title="Solaris", published=True)
    assert found("solaris") == ["Solaris"]
    with changes.bulk():
        Film.objects.filter(pk=film.pk).delete()
    SearchState.objects.all().delete()
    index.catch_up()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_searchindex")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_search_that_nothing_has_changed_since_asks_little() -> None:
    Film.objects.create(title="Solaris", published=True)
    found("solaris")
    with CaptureQueriesContext(connection) as asked:
        found("solaris")
    assert len(asked) == 4 + MATCH_KINDS
