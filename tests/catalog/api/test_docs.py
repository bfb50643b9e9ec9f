"""The page at /api/docs: one file, which its policy lets run and nothing else."""

import re

import pytest

from catalog.api.docs import POLICY, SCRIPT, script
from catalog.api.http.policies import digest
from tests.catalog.api.client import Client

DOCS = "/api/docs"


@pytest.mark.contract("resources.docs")
def test_the_page_is_html_that_may_be_kept(client: Client) -> None:
    answer = client.get(DOCS)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert client.get(DOCS, headers={"If-None-Match": answer.headers["ETag"]}).status == 304


def test_the_policy_names_the_style_and_the_script_of_the_page_by_their_hashes(client: Client) -> None:
    answer = client.get(DOCS)
    policy = answer.headers["Content-Security-Policy"]
    inline = re.findall(r"<(style|script)[^>]*>(.*?)</\1>", answer.body.decode(), re.DOTALL)
    assert [tag for tag, _ in inline] == ["style", "script"]
    assert all(f"{tag}-src {digest(text)}" in policy for tag, text in inline)


@pytest.mark.contract("resources.docs")
def test_the_policy_allows_nothing_of_another_host_and_nothing_inline() -> None:
    assert POLICY.startswith("default-src 'none'")
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


@pytest.mark.contract("resources.docs")
def test_the_page_names_no_other_host(client: Client) -> None:
    page = client.get(DOCS).body.decode()
    assert not re.findall(r"""(?:src|href|url\(|fetch\(|import)[=\s("']*(?:https?:)?//""", page)
    assert not re.search(r'<[^>]+ (?:style|on\w+)="', page)


def test_the_modules_of_the_page_are_joined_without_their_imports() -> None:
    assert script() == SCRIPT
    assert not re.search(r"^(import|export) ", SCRIPT, re.MULTILINE)
