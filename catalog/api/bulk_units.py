"""What is done with the rows of a bulk write, in the executor: in one transaction, or in one for each batch."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from catalog import services
from catalog.api.bulk_results import FAULT_LIMIT, Results, Told
from catalog.api.bulk_schemas import RowProblem, RowResult
from catalog.api.http.bodies import parsed
from catalog.api.http.failures import summary
from catalog.api.http.problems import ADDRESS, KINDS, BadRequest
from catalog.api.http.validation import validated
from catalog.api.writing import record_key
from catalog.errors import Clash, Invalid, KeyInUse, NotFound
from catalog.services import Kept
from catalog.services.inputs import FilmChanges
from catalog.values import Access, BulkMode

COLLECTED_ROWS = 100
"""So many rows leave cycles behind that hold their texts; the collector, which counts objects and not bytes, would let
ten thousand of them lie."""

STATUSES: dict[type[Exception], int] = {BadRequest: 400, NotFound: 404, Clash: 409, Invalid: 422}


class Asked(msgspec.Struct, frozen=True):
    """How the rows are to be written. name: method and path; once: the request's Idempotency-Key.

    owner: tells this request from others with the same key.
    """

    key: str | None
    mode: BulkMode
    atomic: bool
    dry_run: bool
    request_id: str = ""
    name: str = ""
    once: str | None = None
    owner: str = ""

    def record_key(self, access: Access) -> str:
        """Under which name the answer is kept."""
        return record_key(access, self.name, self.once or "")

    def request(self, body: bytes) -> str:
        """What tells this request from others, by the digest of its body too."""
        said = (str(self.key), self.mode.value, str(self.atomic), str(self.dry_run))
        return services.digest(*(each.encode() for each in said), body)


def all_or_none(asked: Asked, rows: Iterable[bytes], body: bytes, access: Access) -> tuple[Told, bool]:
    """The answer to the rows in one transaction, and whether it was kept from an earlier request.

    The transaction is taken back where it is only a trial. body: its digest. Raises Invalid with all faults.
    """
    with services.writing(actor=access.name, request_id=asked.request_id):
        if asked.once is None:
            return together(asked, rows), False
        before = services.kept_answer(key=asked.record_key(access), request=asked.request(body))
        if before is not None:
            return msgspec.msgpack.decode(before.body, type=Told), True
        told = together(asked, rows)
        keep(asked, told, body, access)
        return told, False


def together(asked: Asked, rows: Iterable[bytes]) -> Told:
    """What comes of the rows, or would. Raises Invalid."""
    if asked.dry_run:
        with services.trial():
            return Results().with_more(map(tried, written(asked, rows))).told(dry_run=True)
    results = Results().with_more(written(asked, rows))
    if results.failed:
        raise Invalid(results.faults[:FAULT_LIMIT])
    return results.told(dry_run=False)


def tried(result: RowResult) -> RowResult:
    """The result of a row that has been taken back: a new film's id means nothing then."""
    return msgspec.structs.replace(result, id=None) if result.status == 201 else result


def begun(asked: Asked, access: Access) -> bool:
    """Whether the rows are to be written: not where an answer is kept. Raises KeyInUse."""
    return asked.once is None or services.claim(key=asked.record_key(access), owner=asked.owner)


def failed(asked: Asked, access: Access) -> None:
    """Nothing stands in the way of the same request any more."""
    services.give_up(key=asked.record_key(access), owner=asked.owner)


def kept(asked: Asked, body: bytes, access: Access) -> Told:
    """The answer that is kept. Raises KeyReused, and KeyInUse where it is none any more."""
    answer = services.kept_answer(key=asked.record_key(access), request=asked.request(body))
    if answer is None:
        raise KeyInUse("The answer has just been forgotten: send the request again.")
    return msgspec.msgpack.decode(answer.body, type=Told)


def committed(asked: Asked, results: Results, rows: Sequence[bytes], access: Access) -> Results:
    """The results, with those of these rows, which are written in a transaction of their own."""
    with services.writing(actor=access.name, request_id=asked.request_id):
        return added(asked, results, rows, access)


def added(asked: Asked, results: Results, rows: Sequence[bytes], access: Access) -> Results:
    """The same, in the transaction that there is. Raises KeyInUse where another request has taken over."""
    if asked.once is not None:
        services.renew(key=asked.record_key(access), owner=asked.owner)
    return results.with_more(written(asked, rows, results.count))


def finished(asked: Asked, results: Results, rows: Sequence[bytes], body: bytes, access: Access) -> Told:
    """The answer, kept in the transaction of the last rows. body: its digest."""
    with services.writing(actor=access.name, request_id=asked.request_id):
        told = added(asked, results, rows, access).told(dry_run=False)
        if asked.once is not None:
            keep(asked, told, body, access)
    return told


def keep(asked: Asked, told: Told, body: bytes, access: Access) -> None:
    answer = Kept(told.status, msgspec.msgpack.encode(told), None, None)
    services.keep_answer(key=asked.record_key(access), request=asked.request(body), kept=answer)


def written(asked: Asked, rows: Iterable[bytes], first: int = 0) -> Iterator[RowResult]:
    """The result of each row; one that fails leaves nothing behind."""
    for number, row in enumerate(rows, first):
        try:
            values, form = validated(parsed(row), FilmChanges, FilmChanges)
            film_id, is_new = services.write_row(values=values, key=asked.key, mode=asked.mode, form=form)
        except (BadRequest, Invalid, Clash, NotFound) as error:
            yield failed_row(number, error)
        else:
            yield RowResult(row=number, status=201 if is_new else 200, id=film_id)
        if number % COLLECTED_ROWS == 0:
            gc.collect(0)


def failed_row(number: int, error: Any) -> RowResult:
    """A row that breaks a rule, with its problem."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    faults = tuple(getattr(error, "faults", ()))
    detail = summary(faults, of="row") if faults else str(error)
    kind = KINDS[status]
    problem = RowProblem(f"{ADDRESS}/{kind.slug}", kind.title, status, detail, faults)
    return RowResult(row=number, status=status, problem=problem)
