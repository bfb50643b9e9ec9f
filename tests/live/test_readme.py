"""What README shows is what the process answers."""

import json
import re
from urllib.parse import quote

import pytest

from tests.live.site import ROOT, Site

pytestmark = pytest.mark.live

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_answer_that_readme_shows_is_given(site: Site) -> None:
    shown = re.search(r"curl 'http://127\.0\.0\.1:8000(\S+)'\n\n```json\n(.*?)```", README, re.DOTALL)
    assert shown, "README shows no answer"
    assert json.loads(site.ask(shown[1]).body) == json.loads(shown[2])


@pytest.mark.parametrize("text,title", re.findall(r"`\?q=(\w+)` finds (\w+ \w+)", README.replace("\n", " ")))
def test_what_readme_searches_for_is_found_in_the_sample(site: Site, text: str, title: str) -> None:
    found = json.loads(site.ask(f"/api/movies?fields=title&limit=1&q={quote(text)}").body)
    assert found == {"data": [{"title": title}]} | {"page": found["page"]}
