"""Requests and answers through a real uvicorn."""

import json
import socket

from aiohttp import web

from tests.server.bridge.serving import Serve, one_route


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for number in range(3):
        await response.write(b"line %d\n" % number)
    return response


async def nothing(_: web.Request) -> web.Response:
    return web.Response(status=204)


def test_a_json_answer_arrives_with_its_headers(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response({"a": 1}, headers={"X-Own": "yes"})

    response, body = serve(one_route(handler)).ask("GET", "/")
    assert (response.status, response.headers["x-own"], body) == (200, "yes", b'{"a": 1}')


def test_date_and_server_come_once_and_from_the_server(serve: Serve) -> None:
    response, _ = serve(one_route(echo)).ask("GET", "/")
    assert response.headers.get_all("server") == ["uvicorn"]
    assert len(response.headers.get_all("date") or []) == 1


def test_date_and_server_of_aiohttp_can_be_kept(serve: Serve) -> None:
    quiet = {"server_header": False, "date_header": False}
    response, _ = serve(one_route(echo), server=quiet, keep_server_headers=True).ask("GET", "/")
    assert "aiohttp" in response.headers["server"]
    assert response.headers["date"]


def test_a_body_of_known_length_is_read(serve: Serve) -> None:
    _, body = serve(one_route(echo)).ask("POST", "/", b"abc")
    assert body == b"abc"


def test_a_large_body_is_read_whole(serve: Serve) -> None:
    sent = bytes(range(256)) * 12_000
    _, body = serve(one_route(echo, client_max_size=0)).ask("POST", "/", sent)
    assert body == sent


def test_a_chunked_body_is_read(serve: Serve) -> None:
    _, body = serve(one_route(echo)).ask("POST", "/", iter([b"ab", b"", b"cd"]))
    assert body == b"abcd"


def test_a_body_above_client_max_size_is_refused(serve: Serve) -> None:
    response, _ = serve(one_route(echo, client_max_size=10)).ask("POST", "/", b"x" * 11)
    assert response.status == 413


def test_a_streamed_answer_is_chunked(serve: Serve) -> None:
    response, body = serve(one_route(stream)).ask("GET", "/")
    assert response.headers["transfer-encoding"] == "chunked"
    assert body == b"line 0\nline 1\nline 2\n"


def test_head_has_the_length_and_no_body(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=b"12345")

    with_body = serve(one_route(handler)).connect()
    for _ in range(2):
        with_body.request("HEAD", "/")
        response = with_body.getresponse()
        assert (response.headers["content-length"], response.read()) == ("5", b"")
    with_body.close()


def test_204_has_neither_body_nor_length(serve: Serve) -> None:
    response, body = serve(one_route(nothing)).ask("GET", "/")
    assert (response.status, body, response.headers.get("content-length")) == (204, b"", None)


def test_304_with_a_length_passes(serve: Serve) -> None:
    """Uvicorn raises for the length of a body that a 304 doesn't send."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=304, headers={"Content-Length": "100", "ETag": '"x"'})

    response, body = serve(one_route(handler)).ask("GET", "/")
    assert (response.status, response.headers["etag"], body) == (304, '"x"', b"")


def test_many_requests_on_one_connection(serve: Serve) -> None:
    connection = serve(one_route(echo)).connect()
    for number in range(20):
        connection.request("POST", "/", b"%d" % number)
        assert connection.getresponse().read() == b"%d" % number
    connection.close()


def test_an_early_answer_to_a_large_upload_keeps_the_connection(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="enough")

    connection = serve(one_route(handler)).connect()
    for _ in range(2):
        connection.request("POST", "/", b"x" * 1_000_000)
        assert connection.getresponse().read() == b"enough"
    connection.close()


def test_expect_100_continue_is_answered_before_the_body(serve: Serve) -> None:
    server = serve(one_route(echo))
    with server.open() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(b"abc")
        assert client.recv(1000).endswith(b"abc")


def test_a_refused_expectation_never_asks_for_the_body(serve: Serve) -> None:
    async def refuse(_: web.Request) -> None:
        raise web.HTTPExpectationFailed

    app = web.Application()
    app.router.add_post("/", echo, expect_handler=refuse)
    with serve(app).open() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 417")


def test_a_handler_writes_while_it_reads(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        async for data in request.content.iter_any():
            await response.write(data.upper())
        return response

    with serve(one_route(handler)).open() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nab")
        assert read_until(client, b"AB") != b""
        client.sendall(b"cd")
        assert read_until(client, b"CD") != b""


def read_until(client: socket.socket, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen and (data := client.recv(1000)):
        seen += data
    return seen if wanted in seen else b""


def test_the_handler_sees_the_client_scheme_host_and_version(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([request.remote, request.scheme, request.secure, request.host, list(request.version)])

    _, body = serve(one_route(handler)).ask("GET", "/", headers={"Host": "films.example"})
    assert json.loads(body) == ["127.0.0.1", "http", False, "films.example", [1, 1]]


def test_forwarded_https_is_seen_as_secure(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([request.remote, request.scheme, request.secure])

    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    _, body = serve(one_route(handler)).ask("GET", "/", headers=headers)
    assert json.loads(body) == ["203.0.113.7", "https", True]


def test_known_header_names_get_their_case_back(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([name.decode() for name, _ in request.raw_headers])

    headers = {"x-request-id": "1", "sec-websocket-key": "2", "dnt": "1"}
    _, body = serve(one_route(handler)).ask("GET", "/", headers=headers)
    assert {"Host", "X-Request-Id", "Sec-WebSocket-Key", "DNT"} <= set(json.loads(body))


def test_escapes_in_the_path_and_query_arrive_as_sent(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([request.raw_path, request.path, request.query["q"]])

    _, body = serve(one_route(handler)).ask("GET", "/a%2Fb%20c?q=%C3%A9")
    assert json.loads(body) == ["/a%2Fb%20c?q=%C3%A9", "/a/b c", "é"]
