"""The same questions to every ASGI server, as a process; `MATRIX_SERVER` names it."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

import aiohttp
import pytest

from tests.server.bridge.serving import free_port, wait_until_it_listens

ROOT = Path(__file__).parents[3]
SERVER = os.environ.get("MATRIX_SERVER", "uvicorn-httptools")
APP = "tests.server.bridge.matrix_app:asgi"
COMMANDS = {
    "uvicorn-httptools": ["uvicorn", APP, "--port", "{port}", "--http", "httptools"],
    "uvicorn-h11": ["uvicorn", APP, "--port", "{port}", "--http", "h11", "--loop", "asyncio"],
    "hypercorn": ["hypercorn", APP, "--bind", "127.0.0.1:{port}"],
    "granian": ["granian", "--interface", "asgi", "--port", "{port}", APP],
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server's port; the server is stopped, and must then end by itself."""
    free = free_port()
    command = [part.format(port=free) for part in COMMANDS[SERVER]]
    tool = shutil.which(command[0], path=str(Path(sys.executable).parent))
    if tool is None:
        pytest.skip(f"{command[0]} is not installed here")
    with subprocess.Popen([tool, *command[1:]], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        wait_until_it_listens(free, process)
        yield free
        process.terminate()
        process.wait(20)


def ask(port: int, method: str, path: str, body: object = None, **headers: str) -> tuple[HTTPResponse, bytes]:
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body, headers)  # type: ignore[arg-type]
        response = connection.getresponse()
        return response, response.read()


@pytest.mark.parametrize("size", [0, 1, 1_000_000])
def test_a_body_comes_back(port: int, size: int) -> None:
    assert ask(port, "POST", "/api/x", b"x" * size)[1] == b"x" * size


def test_a_chunked_body_comes_back(port: int) -> None:
    assert ask(port, "POST", "/api/x", iter([b"ab", b"cd"]))[1] == b"abcd"


def test_the_mount_is_stripped_and_escapes_stay(port: int) -> None:
    assert ask(port, "GET", "/api/a%2Fb?q=%C3%A9")[0].headers["x-path"] == "/a%2Fb?q=%C3%A9"


def test_head_has_a_length_and_no_body(port: int) -> None:
    response, body = ask(port, "HEAD", "/api/file")
    assert int(response.headers["content-length"]) > 0
    assert body == b""


def test_a_stream_arrives_whole(port: int) -> None:
    assert ask(port, "GET", "/api/stream")[1] == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"


def test_a_range_of_a_file(port: int) -> None:
    response, body = ask(port, "GET", "/api/file", Range="bytes=3-5")
    assert (response.status, body) == (206, b"The")


def test_a_304_passes(port: int) -> None:
    response, body = ask(port, "GET", "/api/empty")
    assert (response.status, response.headers["etag"], body) == (304, '"1"', b"")


def test_date_and_server_come_once_at_most(port: int) -> None:
    response, _ = ask(port, "GET", "/api/x")
    assert all(len(response.headers.get_all(name, [])) <= 1 for name in ("date", "server"))


def test_a_broken_handler_is_a_500_and_the_next_is_well(port: int) -> None:
    assert [ask(port, "GET", path)[0].status for path in ("/api/broken", "/api/x")] == [500, 200]


def test_an_answer_shorter_than_its_length_is_seen_to_be_so(port: int) -> None:
    with pytest.raises((HTTPException, OSError)):
        ask(port, "GET", "/api/half")


async def connected(port: int, path: str = "talk") -> list[object]:
    """Say a text, some bytes and "close", and note what comes."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/api/{path}", protocols=["films"]) as ws,
    ):
        await ws.send_str("é")
        await ws.send_bytes(b"\x00" * 100_000)
        await ws.send_str("close")
        heard = [await ws.receive() for _ in range(3)]
        return [ws.protocol, heard[0].data, len(heard[1].data), heard[2].data, heard[2].extra]


def test_a_websocket_talks_and_closes_with_its_code(port: int) -> None:
    said = asyncio.run(asyncio.wait_for(connected(port), 15))
    assert said == ["films", "é", 100_000, 4001, "enough"]


def test_a_websocket_that_the_handler_declines_is_a_403(port: int) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        asyncio.run(asyncio.wait_for(connected(port, "declined"), 15))
    assert refusal.value.status == 403
