"""The curators' admin as a curator meets it: a real browser, the real process, the sample."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import photograph, size_of

pytestmark = [pytest.mark.browser, pytest.mark.live]

FILMS = "/admin/catalog/film/"
FIELDS = ".formset tr.form-row:not(.empty-form) :is(input[type=text], .select2)"

OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OWN_FIELDS = "fieldset:not(.formset *) :is(input:not([type=file]), select, textarea):visible"
"""A file's own field is kept out of sight; people see a label that looks like one."""
BEYOND_ITS_CARD = """fields => fields.filter(field => {
    const card = field.closest("fieldset").getBoundingClientRect(), own = field.getBoundingClientRect();
    return own.right > card.right || own.left < card.left;
}).map(field => field.name)"""


def choose(page: Page, field: str, typed: str, wanted: str) -> None:
    """Pick from an autocomplete as people do: open it, type, click what appears."""
    page.locator(f"#id_{field} + .select2-container").click()
    page.locator(".select2-container--open .select2-search__field").last.fill(typed)
    page.locator(".select2-results__option", has_text=wanted).first.click()


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).locator("visible=true").last.click()


def test_the_list_shows_and_finds_films(page: Page) -> None:
    page.goto(f"{FILMS}?o=1")
    expect(page.locator("#result_list tbody tr").first).to_contain_text("2001: A Space Odyssey")
    expect(page.get_by_text("- 80 films")).to_be_visible()
    photograph(page, f"films-{size_of(page)}")
    page.goto(f"{FILMS}?q=seven+samurai")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_filters_narrow_the_list(page: Page) -> None:
    page.goto(FILMS)
    page.locator("a", has_text="Filters").first.click()
    page.locator("#changelist-filter").wait_for()
    photograph(page, f"filters-{size_of(page)}")
    page.locator("select[name=decade]").select_option("1920", force=True)
    page.get_by_role("button", name="Apply Filters").click()
    page.wait_for_url(re.compile("decade=1920"))
    expect(page.locator("#result_list")).to_contain_text("Metropolis")
    expect(page.locator("#result_list")).not_to_contain_text("Avatar")


def test_nothing_on_a_page_runs_past_its_edge(page: Page) -> None:
    page.goto(f"{FILMS}?q=metropolis")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_url(re.compile(r"/film/\d+"))  # and for its styles
    assert page.locator(OWN_FIELDS).evaluate_all(BEYOND_ITS_CARD) == []
    open_tab(page, "Cast")
    photograph(page, f"cast-{size_of(page)}")
    assert page.evaluate(OVERHANG) <= 0
    edges = page.locator(FIELDS).evaluate_all("fields => fields.map(field => field.getBoundingClientRect().right)")
    assert 0 < max(edges) <= page.evaluate("innerWidth")


def test_a_film_is_added_with_cast_by_autocomplete_then_edited(page: Page) -> None:
    title = f"A film from a {size_of(page)}"
    page.goto(f"{FILMS}add/")
    page.fill("[name=title]", title)
    page.fill("[name=year]", "2020")
    choose(page, "genres", "dra", "Drama")
    open_tab(page, "Cast")
    page.get_by_text("Add another Cast credit").click()
    choose(page, "cast-0-person", "toshiro", "Mifune")
    page.fill("[name=cast-0-character]", "The Stranger")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully").first).to_be_visible()
    photograph(page, f"film-{size_of(page)}")
    open_tab(page, "General")
    page.fill("[name=title]", f"{title}, revised")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{FILMS}?q={title}")
    expect(page.locator("#result_list")).to_contain_text(f"{title}, revised")
    expect(page.locator("#result_list")).to_contain_text("draft")


def test_a_mistake_is_shown_where_it_was_made(page: Page) -> None:
    page.goto(f"{FILMS}?q=metropolis")
    page.locator("#result_list tbody a").first.click()
    page.fill("[name=year]", "1066")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The year must be from 1870 to 2100.")).to_be_visible()
    assert page.evaluate(OVERHANG) <= 0
    photograph(page, f"mistake-{size_of(page)}")


def test_two_edits_of_one_film_are_shown_side_by_side_and_both_can_stay(page: Page) -> None:
    page.goto(f"{FILMS}?q=metropolis")
    page.locator("#result_list tbody a").first.click()
    address, other = page.url, page.context.new_page()
    other.goto(address)
    tagline, runtime = f"Theirs, on a {size_of(page)}", "148" if size_of(page) == "phone" else "149"
    for tab, field, text in ((other, "tagline", tagline), (page, "runtime", runtime)):
        tab.fill(f"[name={field}]", text)
        tab.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#conflict")).to_contain_text(tagline)
    photograph(page, f"conflict-{size_of(page)}")
    page.locator("[name=keep-tagline][value=theirs]").check()
    page.locator("[name=keep-runtime][value=mine]").check()
    page.get_by_role("button", name="Save", exact=True).click()
    other.goto(address)
    expect(other.locator("[name=tagline]")).to_have_value(tagline)
    expect(other.locator("[name=runtime]")).to_have_value(runtime)


def test_the_merge_of_films_asks_which_one_stays(page: Page) -> None:
    page.goto(FILMS)
    for index in range(2):
        page.locator("#result_list .action-select").nth(index).check()
    page.locator("select[name=action]").select_option("merge", force=True)
    page.get_by_role("button", name="Run").or_(page.locator("button[name=index]")).first.click()
    expect(page.get_by_text("Which one stays?")).to_be_visible()
    photograph(page, f"merge-{size_of(page)}")


def test_a_person_shows_what_they_worked_on(page: Page) -> None:
    page.goto("/admin/catalog/person/?q=mifune")
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_role("link", name=re.compile("Samurai"))).to_be_visible()
    photograph(page, f"person-{size_of(page)}")


def test_no_page_misses_a_file_or_breaks_a_script(page: Page) -> None:
    faults: list[str] = []
    page.on("response", lambda answer: faults.append(answer.url) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    for place in ("/admin/", FILMS, f"{FILMS}add/", "/admin/catalog/person/add/", "/admin/auth/user/add/"):
        page.goto(place)
        page.wait_for_load_state("networkidle")
    assert faults == []
