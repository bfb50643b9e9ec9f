"""Start and stop: one owner, told in words when it can't start."""

import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Message

from server.lifespan import Lifespan, Refused, told_of_sigterm

pytestmark = pytest.mark.anyio


async def run(lifespan: Lifespan) -> list[Message]:
    """Start it and stop it again; what it told the server."""
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        told.append(message)

    await lifespan({"type": "lifespan", "state": {}}, receive, send)
    return told


def failing(error: Exception) -> Lifespan:
    async def fail() -> None:
        raise error

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        await fail()
        yield

    return Lifespan(running)


async def test_what_is_opened_at_the_start_is_closed_at_the_stop() -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        steps.append("opened")
        yield
        steps.append("closed")

    told = await run(Lifespan(running))
    assert [message["type"] for message in told] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert steps == ["opened", "closed"]


async def test_a_refusal_is_told_in_its_own_words_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    told = await run(failing(Refused("the database is newer than this program")))
    assert told == [{"type": "lifespan.startup.failed", "message": "the database is newer than this program"}]
    assert not caplog.records


async def test_any_other_failure_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        told = await run(failing(ValueError("a bug")))
    assert told[0]["type"] == "lifespan.startup.failed"
    assert "ValueError: a bug" in caplog.text


async def test_a_failure_while_closing_is_told_as_one_of_the_shutdown(caplog: pytest.LogCaptureFixture) -> None:
    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        yield
        raise ValueError("closing failed")

    told = await run(Lifespan(running))
    assert told[-1] == {"type": "lifespan.shutdown.failed", "message": "closing failed"}


async def test_sigterm_drains_first_and_then_reaches_the_handler_before() -> None:
    heard: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("server"))
    try:
        async with told_of_sigterm(lambda: heard.append("drain")):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == ["drain", "server", "server"]
