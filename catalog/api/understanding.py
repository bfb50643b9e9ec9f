"""What a query of films asks for is judged in two places, by its parser and by the catalogue, and told as one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from catalog import selectors
from catalog.api.http.problems import BadRequest
from catalog.errors import Fault, Invalid
from catalog.values import FilmQuery


@contextmanager
def understood(query: FilmQuery, faults: Sequence[Fault]) -> Iterator[None]:
    """Around a read of the films that `query` chooses, in the executor; `faults` are those of its parser.

    Raises BadRequest with all faults, those of the values included.
    """
    if faults:
        raise BadRequest([*faults, *selectors.unknown_values(query)])
    try:
        yield
    except Invalid as error:
        raise BadRequest(error.faults) from error
