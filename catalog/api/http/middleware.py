"""What stands around every handler: the checks before it, its time, and the problem that any error becomes."""

from aiohttp import HttpVersion11, web
from aiohttp.typedefs import Handler

from catalog.api.http.answers import preflight, redirect
from catalog.api.http.bodies import checked_type
from catalog.api.http.deadlines import in_time
from catalog.api.http.failures import Refusal, Unacceptable, failed, problem
from catalog.api.http.limits import charge, tell_rate
from catalog.api.http.negotiation import accepted, preferred
from catalog.api.http.operations import Operation, operation_of
from catalog.api.http.problems import BadRequest
from catalog.api.http.write_positions import bring, tell_position
from catalog.errors import Fault

ROOT = "/api/"


@web.middleware
async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Checks a request, gives it its time, and answers every error with a problem: one for all, since each costs."""
    try:
        operation = checked(request)
        if operation is None or not operation.timed:
            response = await handler(request)
        else:
            response = await in_time(request, handler, operation)
    except web.HTTPException as error:
        response = refused(request, error)
    except ConnectionResetError:
        raise  # the client has gone; there is nobody to tell
    except Exception as error:  # noqa: BLE001  the edge: what nobody expected must not reach the client as it is
        response = failed(request, error)
    tell_rate(request, response)
    tell_position(request, response)
    return response


def checked(request: web.Request) -> Operation | None:
    """What a request asks for; None where there is no such resource or method, which is the router's to say.

    Raises Refusal for what is too much, BadRequest and Unacceptable for what no handler takes: a body, a client that
    accepts no form of the resource.
    """
    operation = operation_of(request)
    if operation is None:
        return None
    charge(request, operation)
    if request.can_read_body and operation.body is None:
        raise BadRequest([Fault("#", "body", f"A {request.method} takes no body.")])
    if preferred(accepted(request.headers), operation.offers) is None:
        raise Unacceptable
    if operation.method == "GET":
        bring(request)
    return operation


def refused(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """What the router refuses: OPTIONS is answered, a trailing slash led on, the rest becomes a problem."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted({*error.allowed_methods, "OPTIONS"}))
        if request.method == "OPTIONS":
            return preflight(allowed)
        return problem(request, 405, f"{request.method} is not allowed here.", headers=[("Allow", allowed)])
    path = request.rel_url.raw_path
    # Below our own root only: a redirect to `//host` would lead to that host.
    if error.status == 404 and path.startswith(ROOT) and path.endswith("/"):
        return redirect(308, path.rstrip("/"), request)
    detail = f"There is nothing at {request.path}." if error.status == 404 else f"{error.reason}."
    return problem(request, error.status, detail)


async def expectation(request: web.Request) -> web.StreamResponse | None:
    """Answers the header Expect (RFC 9110, 10.1.1): a body that would be refused is never asked for."""
    if request.headers["Expect"].lower() != "100-continue":
        return problem(request, 417, "The only expectation known here is 100-continue.")
    operation = operation_of(request)
    if request.can_read_body and (operation is None or operation.body is None):
        return problem(request, 400, f"A {request.method} takes no body.")
    try:
        if operation is not None and operation.body is not None:
            checked_type(request, operation.body)
    except Refusal as error:
        return failed(request, error)
    if request.can_read_body and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
    return None
