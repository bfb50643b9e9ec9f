"""What an aiohttp application may use, through the bridge: middlewares, signals, files, cookies, sub-applications."""

import asyncio
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from server.bridge import mounted, scope_of
from tests.server.bridge.asgi import ask, scope_with
from tests.server.bridge.serving import Serve, one_route


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "film.txt"
    path.write_bytes(bytes(range(256)) * 2000)
    return path


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_file_is_sent_whole_without_sendfile(serve: Serve, file: Path, loop: str) -> None:
    async def handler(_: web.Request) -> web.FileResponse:
        return web.FileResponse(file)

    _, body = serve(one_route(handler), server={"loop": loop}).ask("GET", "/")
    assert body == file.read_bytes()


def test_a_range_of_a_file(serve: Serve, file: Path) -> None:
    async def handler(_: web.Request) -> web.FileResponse:
        return web.FileResponse(file)

    response, body = serve(one_route(handler)).ask("GET", "/", headers={"Range": "bytes=10-19"})
    assert (response.status, response.headers["content-range"]) == (206, "bytes 10-19/512000")
    assert body == bytes(range(10, 20))


def test_a_file_that_the_client_has_is_a_304(serve: Serve, file: Path) -> None:
    async def handler(_: web.Request) -> web.FileResponse:
        return web.FileResponse(file)

    server = serve(one_route(handler))
    etag = server.ask("HEAD", "/")[0].headers["etag"]
    response, body = server.ask("GET", "/", headers={"If-None-Match": etag})
    assert (response.status, body) == (304, b"")


@pytest.mark.parametrize(
    "condition, status",
    [
        ({"If-Modified-Since": "Fri, 31 Dec 2100 00:00:00 GMT"}, 304),
        ({"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 412),
        ({"If-Match": '"another"'}, 412),
        ({"Range": "bytes=0-1", "If-Range": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"Range": "bytes=600000-"}, 416),
    ],
    ids=str,
)
def test_a_files_conditions_are_aiohttps(file: Path, condition: dict[str, str], status: int) -> None:
    async def handler(_: web.Request) -> web.FileResponse:
        return web.FileResponse(file)

    headers = [(b"host", b"a"), *((name.lower().encode(), value.encode()) for name, value in condition.items())]
    assert ask(one_route(handler), scope_with(headers=headers)).status == status


def test_a_compressed_request_is_inflated_by_aiohttp(serve: Serve) -> None:
    packed = gzip.compress(b"abc" * 1000)
    _, body = serve(one_route(echo)).ask("POST", "/", packed, {"Content-Encoding": "gzip"})
    assert body == b"abc" * 1000


def test_an_answer_is_compressed_by_aiohttp(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        response = web.Response(text="abc" * 1000)
        response.enable_compression()
        return response

    response, body = serve(one_route(handler)).ask("GET", "/", headers={"Accept-Encoding": "deflate"})
    assert response.headers["content-encoding"] == "deflate"
    assert zlib.decompress(body) == b"abc" * 1000


def test_multipart_parts_are_read(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        form = await request.post()
        return web.json_response({name: str(value) for name, value in form.items()})

    body = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nMetropolis\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    _, answer = serve(one_route(handler)).ask("POST", "/", body, headers)
    assert json.loads(answer) == {"title": "Metropolis"}


def test_a_file_is_uploaded(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        film = (await request.post())["film"]
        assert isinstance(film, web.FileField)
        return web.Response(text=f"{film.filename} {film.content_type} {len(film.file.read())}")

    head = b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.bin"\r\nContent-Type: a/b\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    _, answer = serve(one_route(handler)).ask("POST", "/", head + bytes(300_000) + b"\r\n--x--\r\n", headers)
    assert answer == b"a.bin a/b 300000"


def test_cookies_go_both_ways(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        response = web.Response(text=request.cookies["a"])
        response.set_cookie("b", "2")
        response.set_cookie("c", "3")
        return response

    response, body = serve(one_route(handler)).ask("GET", "/", headers={"Cookie": "a=1; z=9"})
    assert body == b"1"
    assert response.headers.get_all("set-cookie") == ["b=2; Path=/", "c=3; Path=/"]


def test_an_http_exception_is_an_answer(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        raise web.HTTPConflict(text="twice", headers={"X-Why": "same id"})

    response, body = serve(one_route(handler)).ask("GET", "/")
    assert (response.status, response.headers["x-why"], body) == (409, "same id", b"twice")


def test_middlewares_and_signals_of_sub_applications_run(serve: Serve) -> None:
    @web.middleware
    async def mark(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        response.headers.add("X-Signed", "outer")
        return response

    async def sign(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.add("X-Signed", "inner")

    inner = one_route(echo, path="/film")
    inner.on_response_prepare.append(sign)
    outer = web.Application(middlewares=[mark])
    outer.add_subapp("/sub", inner)
    response, _ = serve(outer).ask("GET", "/sub/film")
    assert response.headers.get_all("x-signed") == ["outer", "inner"]


def test_a_handler_reads_the_asgi_scope(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=scope_of(request)["type"])

    assert serve(one_route(handler)).ask("GET", "/")[1] == b"http"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_transport_tells_of_the_connection(method: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        transport = request.transport
        assert transport is not None
        addresses = [transport.get_extra_info(name) for name in ("peername", "sockname", "sslcontext", "nothing")]
        return web.json_response([*addresses, transport.is_closing()])

    secure = ask(one_route(handler), scope_with(method=method)).body
    assert json.loads(secure) == [["192.0.2.1", 50_000], ["192.0.2.2", 80], None, None, False]


def test_an_interim_answer_that_asgi_has_no_message_for_is_left_out() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        return web.Response(text="ok")

    answer = ask(one_route(handler), scope_with())
    assert (answer.status, answer.body) == (200, b"ok")


def test_links_have_the_mounts_prefix(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        link = request.app.router["film"].url_for(name="a b é").with_query(x="1")
        return web.Response(text=str(mounted(request, link)))

    app = web.Application()
    app.router.add_get("/films/{name}", handler, name="film")
    _, body = serve(app, server={"root_path": "/api"}).ask("GET", "/films/x")
    assert body == b"/api/films/a%20b%20%C3%A9?x=1"


def test_server_sent_events_arrive_one_by_one(serve: Serve) -> None:
    go_on = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await asyncio.wait_for(go_on.wait(), 5)
        await response.write(b"data: 2\n\n")
        return response

    async def release(_: web.Request) -> web.Response:
        go_on.set()
        return web.Response()

    app = one_route(handler, path="/events")
    app.router.add_get("/release", release)
    server = serve(app)
    connection = server.connect()
    connection.request("GET", "/events")
    events = connection.getresponse()
    assert events.read(9) == b"data: 1\n\n"
    server.ask("GET", "/release")
    assert events.read() == b"data: 2\n\n"
    connection.close()
