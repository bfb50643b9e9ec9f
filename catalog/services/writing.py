"""One change from outside as a whole: its transaction, who makes it, and what it may run into."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from catalog import changes
from catalog.errors import Clash


@contextmanager
def writing(*, actor: str, request_id: str) -> Iterator[None]:
    """A transaction whose changes the log knows as this actor's, in this request.

    Raises Clash where somebody else has written, at the same moment, what contradicts it.
    """
    try:
        with changes.stamped(actor=actor, request_id=request_id):
            yield
    except IntegrityError as error:
        raise Clash("Somebody else was faster with what contradicts this: look again, and send it again.") from error
