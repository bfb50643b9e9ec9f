"""The API's own pages as somebody meets them who wants to use it: a real browser, the real process, the sample."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import SIZES, photograph, size_of

pytestmark = [pytest.mark.browser, pytest.mark.live]

DOCS = "/api/docs"
TOKEN = "mdb_of_this_test_alone"


def call(page: Page) -> Locator:
    """The call as the page shows it."""
    return page.get_by_role("tabpanel", name="The call")


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#result .status")).to_be_visible()


@pytest.mark.contract("resources.docs")
def test_an_operation_is_found_and_tried_and_its_next_page_followed(visitor: Page) -> None:
    visitor.goto(DOCS)
    if size_of(visitor) == "phone":
        visitor.get_by_role("button", name="Menu").click()
    visitor.get_by_role("searchbox").fill("list films")
    visitor.get_by_role("link", name="List films").locator("visible=true").first.click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("List films")
    visitor.get_by_label("limit", exact=True).fill("2")
    visitor.get_by_label("year__gte").fill("1990")
    send(visitor)
    expect(call(visitor)).to_contain_text("/api/movies?limit=2&year__gte=1990'")
    photograph(visitor, f"docs-{size_of(visitor)}")
    visitor.locator("#result a", has_text="cursor=").first.click()
    expect(visitor.get_by_label("cursor")).not_to_have_value("")
    expect(visitor.locator("#result .status")).to_have_text("200")


def test_on_a_phone_the_menu_fills_the_screen_below_the_bar_and_scrolls(visitor: Page) -> None:
    visitor.goto(DOCS)
    if size_of(visitor) == "desktop":
        expect(visitor.get_by_role("button", name="Menu")).to_be_hidden()
        return
    visitor.get_by_role("button", name="Menu").click()
    photograph(visitor, "docs-menu")
    box = visitor.locator("#nav").bounding_box()
    assert box is not None
    assert (box["y"], box["y"] + box["height"]) == (56, SIZES["phone"][1])


def test_the_keyboard_alone_is_enough(visitor: Page) -> None:
    visitor.goto(DOCS)
    visitor.get_by_role("heading", level=1).wait_for()
    visitor.keyboard.press("/")
    visitor.keyboard.type("one film")
    visitor.keyboard.press("ArrowDown")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", level=1)).to_be_focused()
    visitor.get_by_label("id", exact=True).focus()
    visitor.keyboard.type("1")
    visitor.keyboard.press("Control+Enter")
    expect(visitor.locator("#result .status")).to_have_text("200")


def test_what_must_be_given_is_asked_for(visitor: Page) -> None:
    visitor.goto(f"{DOCS}#get_movie")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.locator("#result")).to_have_text("Fill in id first.")
    expect(visitor.get_by_label("id", exact=True)).to_be_focused()


def test_a_token_is_sent_and_neither_shown_nor_kept(visitor: Page) -> None:
    sent: list[str | None] = []
    visitor.on("request", lambda request: sent.append(request.headers.get("authorization")))
    visitor.goto(f"{DOCS}#get_index")
    visitor.get_by_role("button", name="Token").click()
    visitor.get_by_role("textbox", name="Token").fill(TOKEN)
    visitor.get_by_role("button", name="Use it").click()
    expect(call(visitor)).to_contain_text("$MOVIEDB_TOKEN")
    send(visitor)
    assert f"Bearer {TOKEN}" in sent
    assert TOKEN not in visitor.locator("body").inner_text() + visitor.url
    assert TOKEN not in visitor.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie")
    visitor.reload()
    expect(call(visitor)).to_contain_text("curl")
    expect(call(visitor)).not_to_contain_text("MOVIEDB_TOKEN")


def test_every_operation_opens_without_a_fault_or_another_host(visitor: Page, address: str) -> None:
    faults: list[str] = []
    visitor.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    visitor.on("pageerror", lambda error: faults.append(str(error)))
    visitor.on(
        "request", lambda request: None if request.url.startswith((address, "data:")) else faults.append(request.url)
    )
    visitor.goto(DOCS)
    visitor.locator("nav a").first.wait_for(state="attached")
    for link in visitor.locator("nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        visitor.evaluate("hash => { location.hash = hash }", link)
        expect(visitor.locator(f'nav a[href="{link}"]')).to_have_attribute("aria-current", "page")
        overhang = visitor.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{link} runs past the edge"] if overhang > 0 else []
    assert faults == []


def test_descriptions_have_room_and_a_pattern_is_seen_by_who_opens_it(visitor: Page) -> None:
    visitor.goto(f"{DOCS}#list_movies")
    visitor.locator(".parameter .about").first.wait_for()
    widths = visitor.locator(".parameter .about").evaluate_all("all => all.map(each => each.clientWidth)")
    assert min(widths) > 340
    sort = visitor.locator(".parameter", has=visitor.get_by_label("sort", exact=True))
    pattern = sort.get_by_text("^-?(id|title")
    expect(pattern).to_be_hidden()
    sort.get_by_text("pattern", exact=True).click()
    expect(pattern).to_be_visible()


def test_an_address_says_what_the_form_holds(visitor: Page) -> None:
    visitor.goto(f"{DOCS}#list_movies?limit=3&genre=drama&genre=!war")
    expect(visitor.get_by_label("limit", exact=True)).to_have_value("3")
    expect(call(visitor)).to_contain_text("limit=3&genre=drama&genre=!war")
    visitor.get_by_label("limit", exact=True).fill("4")
    expect(visitor).to_have_url(re.compile("#list_movies.limit=4&genre=drama&genre=%21war$"))


def test_a_call_is_shown_in_three_languages(visitor: Page) -> None:
    visitor.goto(f"{DOCS}#get_movie?id=1&fields=title")
    for language, words in (("Python", "httpx.request("), ("TypeScript", "await fetch("), ("curl", "curl '")):
        visitor.get_by_role("tab", name=language).click()
        expect(call(visitor)).to_contain_text(words)
        expect(call(visitor)).to_contain_text("/api/movies/1?fields=title")


def test_colours_follow_the_system_and_the_choice(chromium: Browser, address: str) -> None:
    with chromium.new_context(base_url=address, color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{DOCS}#list_movies")
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(ground)
        photograph(page, "docs-dark")
        page.get_by_role("button", name="Colours").click()
        assert page.evaluate(ground) != dark
        page.reload()
        assert page.evaluate(ground) != dark
