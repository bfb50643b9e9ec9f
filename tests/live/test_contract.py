"""Requests that nobody thought of: schemathesis, all checks and phases, on the running process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.__main__ import UNHINDERED, filled, new_token
from tests.contract.run import run
from tests.live.site import Place, Site
from tests.postgres import free_port

pytestmark = pytest.mark.live

EXAMPLES = 2
"""For each operation; `make contract` takes more, until 100,000 requests have been answered."""

QUICK = "examples,fuzzing,stateful"
"""The rest, every bound of every parameter, takes minutes: `make contract` has it."""


@pytest.fixture(scope="module")
def own_place(new_place: Callable[[], Place]) -> Place:
    """A place of its own, since requests with a token change it."""
    return filled(new_place())


@pytest.fixture(scope="module")
def unhindered(own_place: Place) -> Iterator[Site]:
    """A site whose clients may write as often as they like."""
    with Site(own_place, port=free_port(), **UNHINDERED) as running:
        yield running.wait_until_ready()


@pytest.mark.contract("errors.honest", "errors.500")
@pytest.mark.parametrize("authorized", [False, True])
def test_no_generated_request_meets_what_is_not_declared(
    own_place: Place, unhindered: Site, tmp_path: Path, authorized: bool
) -> None:
    token = new_token(own_place) if authorized else None
    outcome = run(f"http://127.0.0.1:{unhindered.port}", tmp_path, token=token, examples=EXAMPLES, seed=1, phases=QUICK)
    assert outcome.code == 0, outcome.output
    assert outcome.broken == 0
    assert outcome.requests > 50
