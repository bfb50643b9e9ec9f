"""The application that `test_matrix` asks on every server; `asgi` is its bridge under a mount."""

import asyncio

from aiohttp import WSMsgType, web
from starlette.applications import Starlette
from starlette.routing import Mount

from server.bridge import bridge


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read(), headers={"X-Path": request.raw_path})


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for number in range(3):
        await response.write(b"data: %d\n\n" % number)
        await asyncio.sleep(0)
    return response


async def file(_: web.Request) -> web.FileResponse:
    return web.FileResponse(__file__)


async def empty(_: web.Request) -> web.Response:
    return web.Response(status=304, headers={"ETag": '"1"', "Content-Length": "9"})


async def broken(_: web.Request) -> web.Response:
    raise ValueError("broken")


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "10"})
    await response.prepare(request)
    await response.write(b"half")
    return response


async def talk(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(protocols=["films"])
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT and message.data == "close":
            await socket.close(code=4001, message=b"enough")
        elif message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        else:
            await socket.send_bytes(message.data)
    return socket


async def declined(_: web.Request) -> web.WebSocketResponse:
    raise web.HTTPForbidden


def application() -> web.Application:
    app = web.Application(client_max_size=0)
    for path, handler in (("/stream", stream), ("/file", file), ("/empty", empty), ("/broken", broken)):
        app.router.add_get(path, handler)
    app.router.add_get("/half", half)
    app.router.add_get("/talk", talk)
    app.router.add_get("/declined", declined)
    app.router.add_route("*", "/{tail:.*}", echo)
    return app


api = bridge(application())
asgi = Starlette(routes=[Mount("/api", api)], lifespan=api.lifespan)
