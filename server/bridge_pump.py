"""An answer on its way home while its handler still runs."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

from server.bridge_exchange import Exchange
from server.bridge_lane import Lane
from server.bridge_writer import AnswerWriter, Whole
from server.wire_response import ResponseReader

Work = Coroutine[Any, Any, None]
Outcome = TypeVar("Outcome")


class Pump:
    """Brings an answer home beside its handler, from the first wait before which something was written."""

    # Most answers are whole before any of them is sent, and need no task.
    _task: asyncio.Task[bool] | None = None

    def __init__(self, exchange: Exchange, lane: Lane, writer: AnswerWriter, *, head_only: bool) -> None:
        self.exchange = exchange
        self.lane = lane
        self._writer = writer
        self._head_only = head_only

    def look(self) -> None:
        """The handler waits: is there anything to send meanwhile?"""
        self._writer.write_through()
        if self._task is None and (self._writer.whole or self.lane.waiting):
            self._task = self.lane.loop.create_task(self._run())

    def stop(self) -> None:
        """Send no more: the ASGI server has cancelled the call."""
        self.lane.lose()
        if self._task is not None:
            self._task.cancel()

    def unsent(self) -> Whole | None:
        """The answer of a handler that has ended, if it is whole and whoever asks may send it without more ado."""
        lane = self.lane
        if self._task is None and self.exchange.undisturbed and not (lane.closing or lane.waiting):
            return self._writer.whole
        return None

    async def end(self) -> bool:
        """The handler has ended: send the rest. True when the lane can carry another exchange."""
        self.lane.finish()
        return await (self._task or self._run())

    def _run(self) -> Coroutine[Any, Any, bool]:
        writer = self._writer
        writer.passing = True
        return self.exchange.run(ResponseReader(writer.heads, head_only=self._head_only), whole=writer.whole)


def _nothing() -> None: ...


@coroutine
def resumed(
    work: Coroutine[Any, Any, Outcome], awaited: Any, look: Callable[[], None] = _nothing
) -> Generator[Any, Any, Outcome]:
    """Go on with `work`, which has stopped to wait for `awaited`, as `await work` would; `look` before each wait."""
    try:
        while True:
            look()
            try:
                sent = yield awaited
            except GeneratorExit:
                work.close()
                raise
            except BaseException as error:  # noqa: BLE001  the handler's, as with any await
                awaited = work.throw(error)
            else:
                awaited = work.send(sent)
    except StopIteration as ended:
        outcome: Outcome = ended.value
        return outcome
