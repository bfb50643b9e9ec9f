"""Answers of the plain kind: a Response with its bytes, for which aiohttp need prepare and write nothing.

Most answers are of this kind, and what aiohttp would write of them follows from public properties.
Whatever else may have a say (a signal, a cookie, a compression, a subclass) is left to aiohttp.
"""

from aiohttp import web

from server.bridge_lane import HIGH_WATER_BYTES
from server.bridge_writer import AnswerWriter, Whole


def plain_answer(response: object, request: web.Request, writer: AnswerWriter) -> Whole | None:
    """The head and the body that aiohttp would write of `response`; None when that is for aiohttp to say."""
    lane = writer.lane
    # A subclass may prepare itself in another way.
    if type(response) is not web.Response or writer.begun or lane.waiting or lane.closing:
        return None
    body = response.body
    if type(body) is not bytes or not 0 < len(body) <= HIGH_WATER_BYTES or request.method == "HEAD":
        return None
    if response.prepared or response.chunked or response.compression or response.cookies:
        return None
    if response.keep_alive is False or not request.keep_alive or lane.access_logger is not None:
        return None
    for app in request.match_info.apps:
        if app.on_response_prepare:
            return None
    head = writer.heads.plain(response.status, response.reason, tuple(response.headers.items()), len(body))
    return None if head is None else (head, body)
