"""The pages that are the same for everybody."""

import re

import pytest
from django.contrib.staticfiles import finders

from moviedb.pages import pages


@pytest.fixture
def home() -> str:
    return pages()["/"].decode()


@pytest.mark.parametrize("address", ["/admin/", "/api", "/api/docs", "/api/movies?limit=10", "/livez", "/readyz"])
def test_home_links_onwards(home: str, address: str) -> None:
    assert f'href="{address}"' in home


def test_home_has_an_example_for_the_shell(home: str) -> None:
    assert "curl &#x27;http" in home or "curl 'http" in home


def test_home_needs_no_inline_style_or_script(home: str) -> None:
    """So that its content security policy can be strict."""
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", home)


def test_all_that_home_loads_is_among_the_static_files(home: str) -> None:
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', home)
    assert loaded
    assert all(finders.find(name) for name in loaded)


def test_home_says_its_language_and_fits_a_phone(home: str) -> None:
    assert '<html lang="en">' in home
    assert 'name="viewport"' in home
