"""uvloop with connections accepted in batches, over real sockets."""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from server import loop as module
from server.loop import new_loop


class Greeting(asyncio.Protocol):
    """Says a word to whoever connects, and ends the connection."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"hello")
        transport.close()


def on_the_loop(scene: Callable[[asyncio.AbstractEventLoop], Awaitable[None]]) -> None:
    async def play() -> None:
        await scene(asyncio.get_running_loop())

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(asyncio.wait_for(play(), 20))


async def greeted(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    word = await reader.read()
    writer.close()
    return word


def test_many_that_come_at_once_are_all_let_in() -> None:
    async def scene(loop: asyncio.AbstractEventLoop) -> None:
        server = await loop.create_server(Greeting, "127.0.0.1", 0, backlog=600)
        port = server.sockets[0].getsockname()[1]
        words = await asyncio.gather(*(greeted(port) for _ in range(module.BATCH + 44)))
        assert words == [b"hello"] * (module.BATCH + 44)
        server.close()
        await server.wait_closed()

    on_the_loop(scene)


def test_those_who_wait_are_let_in_within_one_turn() -> None:
    async def scene(loop: asyncio.AbstractEventLoop) -> None:
        made: list[asyncio.Protocol] = []

        def factory() -> asyncio.Protocol:
            made.append(asyncio.Protocol())
            return made[-1]

        server = await loop.create_server(factory, "127.0.0.1", 0)
        clients = [socket.create_connection(server.sockets[0].getsockname()) for _ in range(50)]
        for _ in range(3):  # one to see them, one to begin the tasks, one to spare
            await asyncio.sleep(0)
        assert len(made) == 50
        for client in clients:
            client.close()
        server.close()

    on_the_loop(scene)


def test_a_closed_server_refuses_and_gives_its_sockets_back() -> None:
    async def scene(loop: asyncio.AbstractEventLoop) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = await loop.create_server(Greeting, sock=listener)
            port = listener.getsockname()[1]
            assert await greeted(port) == b"hello"
            server.close()
            await server.wait_closed()
            assert not server.is_serving()
        with pytest.raises(ConnectionRefusedError):
            await greeted(port)

    on_the_loop(scene)


def test_without_descriptors_it_pauses_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.01)
    refusals = iter([OSError(errno.EMFILE, "Too many open files")])
    accept = socket.socket.accept

    def exhausted_once(listener: socket.socket) -> tuple[socket.socket, object]:
        for refusal in refusals:
            raise refusal
        return accept(listener)

    async def scene(loop: asyncio.AbstractEventLoop) -> None:
        server = await loop.create_server(Greeting, "127.0.0.1", 0)
        monkeypatch.setattr(socket.socket, "accept", exhausted_once)
        assert await greeted(server.sockets[0].getsockname()[1]) == b"hello"
        server.close()

    on_the_loop(scene)
    assert "Too many open files" in caplog.text


def test_a_connection_without_a_protocol_is_closed() -> None:
    def no_protocol() -> asyncio.Protocol:
        raise RuntimeError("no protocol today")

    async def scene(loop: asyncio.AbstractEventLoop) -> None:
        told: list[str] = []
        loop.set_exception_handler(lambda _, context: told.append(str(context["exception"])))
        server = await loop.create_server(no_protocol, "127.0.0.1", 0)
        assert await greeted(server.sockets[0].getsockname()[1]) == b""
        server.close()
        await server.wait_closed()
        assert told == ["no protocol today"]

    on_the_loop(scene)
