"""The application with a process that dies just before it answers a change, which has been committed by then."""

import os
import signal

from starlette.types import Message, Receive, Scope, Send

from asgi import application as whole

__all__ = ["application"]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    async def last(message: Message) -> None:
        if scope["method"] == "POST":
            os.kill(os.getpid(), signal.SIGKILL)
        await send(message)

    await whole(scope, receive, last if scope["type"] == "http" else send)
