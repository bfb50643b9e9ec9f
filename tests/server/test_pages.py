"""The few addresses that the server answers itself."""

import gzip
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from server.pages import Page, Redirect, not_found, static_files, uploads
from tests.server.asgi_client import call, http_scope

pytestmark = pytest.mark.anyio


async def test_a_page_is_html_under_a_policy_that_allows_no_script() -> None:
    answer = await call(Page(b"<p>films"), http_scope())
    assert (answer.status, answer.body) == (200, b"<p>films")
    assert "default-src 'none'" in (answer.header("content-security-policy") or "")


@pytest.mark.parametrize("sent", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
async def test_a_page_that_the_client_has_is_not_sent_again(sent: str) -> None:
    page = Page(b"<p>films")
    value = sent.format(etag=page.headers["ETag"]).encode()
    answer = await call(page, http_scope(headers=[(b"if-none-match", value)]))
    assert (answer.status, answer.body) == (304, b"")
    assert answer.header("content-length") is None


async def test_a_page_that_changed_is_sent() -> None:
    answer = await call(Page(b"new"), http_scope(headers=[(b"if-none-match", b'"old"')]))
    assert answer.status == 200


async def test_a_redirect_stays_on_this_host_and_keeps_the_query() -> None:
    answer = await call(Redirect("/admin/"), http_scope("/admin", query_string=b"next=1"))
    assert (answer.status, answer.header("location")) == (308, "/admin/?next=1")


async def test_hashed_files_are_served_for_ever_and_compressed(tmp_path: Path) -> None:
    (tmp_path / "base.0123456789ab.css").write_bytes(b"body {}" * 100)
    (tmp_path / "base.0123456789ab.css.gz").write_bytes(gzip.compress(b"body {}" * 100))
    files = static_files()
    files.add_files(tmp_path, "/static/")
    scope = http_scope("/static/base.0123456789ab.css", headers=[(b"accept-encoding", b"gzip")])
    answer = await call(files, scope)
    assert (answer.status, answer.header("content-encoding")) == (200, "gzip")
    assert "immutable" in (answer.header("cache-control") or "")


async def test_an_absent_file_is_left_to_the_front() -> None:
    with pytest.raises(HTTPException, match="404"):
        await call(static_files(), http_scope("/static/absent.css"))


async def test_uploads_are_served_in_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "poster.svg").write_bytes(b"<svg onload='alert(1)'/>")
    answer = await call(uploads(tmp_path), http_scope("/media/poster.svg", root_path="/media"))
    assert answer.status == 200
    assert "sandbox" in (answer.header("content-security-policy") or "")


@pytest.mark.parametrize("path", ["/media/../secret", "/media/%2e%2e/secret", "/media/absent.png"])
async def test_uploads_are_no_way_out_of_their_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "secret").write_text("key")
    with pytest.raises(HTTPException, match="404"):
        await call(uploads(tmp_path / "media"), http_scope(path, root_path="/media"))


async def test_a_websocket_to_nowhere_is_closed() -> None:
    answer = await call(not_found, http_scope("/nowhere", type="websocket"))
    assert answer.messages == [{"type": "websocket.close", "code": 1000}]
