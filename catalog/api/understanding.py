"""What a query of rows asks for is judged in two places, by its parser and by the catalogue, and told as one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from catalog import selectors
from catalog.api.http.problems import BadRequest
from catalog.errors import Fault, Invalid
from catalog.values import FilmQuery, PersonQuery


@contextmanager
def understood(query: FilmQuery | PersonQuery, faults: Sequence[Fault]) -> Iterator[None]:
    """Around a read of what `query` chooses, in the executor; `faults` are those of its parser.

    Raises BadRequest with all faults, those of the values included.
    """
    if faults:
        raise BadRequest([*faults, *unknown(query)])
    try:
        yield
    except Invalid as error:
        raise BadRequest(error.faults) from error


def unknown(query: FilmQuery | PersonQuery) -> list[Fault]:
    """A fault for each value of `query` that only the catalogue can judge, and does not know."""
    return selectors.unknown_people(query) if isinstance(query, PersonQuery) else selectors.unknown_values(query)
