"""What README shows is what the process answers."""

import json
import re

import pytest

from tests.live.site import ROOT, Site

pytestmark = pytest.mark.live


def test_the_answer_that_readme_shows_is_given(site: Site) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"curl 'http://127\.0\.0\.1:8000(\S+)'\n\n```json\n(.*?)```", text, re.DOTALL)
    assert shown, "README shows no answer"
    assert json.loads(site.ask(shown[1]).body) == json.loads(shown[2])
