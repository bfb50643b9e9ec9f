"""Chromium against a running site; skipped, with the package's name, where there is no Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.live.site import Place, Site
from tests.postgres import free_port

PASSWORD = "only for this test run"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


# Not for the session: while Playwright is open its loop runs in this thread, where Django then refuses every query.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium: Debian's package is called chromium")
    with sync_playwright() as playwright:
        # Its sandbox refuses to run as root, as containers do; what it opens is our own site.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of its own, with the sample and a curator `ann`."""
    place = Place(tmp_path_factory.mktemp("browser"), None)
    ann = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DJANGO_SUPERUSER_EMAIL": "ann@example.org"}
    for words in (["migrate"], ["import", "sample"], ["createsuperuser", "--no-input", "--username", "ann"]):
        done = place.run(*words, **ann)
        assert done.returncode == 0, done.stderr
    with Site(place, port=free_port(), HTTPS="false") as site:
        site.wait_until_ready()
        yield f"http://127.0.0.1:{site.port}"


@pytest.fixture(params=SIZES)
def visitor(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """A page of a desktop's and of a phone's size, of somebody who has not logged in."""
    width, height = SIZES[request.param]
    with chromium.new_context(base_url=address, viewport={"width": width, "height": height}) as context:
        context.set_default_timeout(15_000)
        yield context.new_page()


@pytest.fixture
def page(visitor: Page) -> Page:
    """The same of the curator who has just logged in."""
    visitor.goto("/admin/")
    photograph(visitor, f"login-{size_of(visitor)}")
    visitor.fill("[name=username]", "ann")
    visitor.fill("[name=password]", PASSWORD)
    visitor.click("button[type=submit]")
    visitor.get_by_role("link", name="Films").first.wait_for(state="attached")
    return visitor


def size_of(page: Page) -> str:
    """Whether a page has a desktop's or a phone's size."""
    return "phone" if page.viewport_size and page.viewport_size["width"] < 500 else "desktop"


def photograph(page: Page, name: str) -> None:
    """A picture of the page for people to look at, when `SCREENSHOTS` names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(folder) / f"{name}.png")
