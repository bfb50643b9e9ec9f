"""Servers as processes: started, weighed, compared and ended."""

from pathlib import Path

import psutil
import pytest

from bench.contenders import CONTENDERS, LISTEN, Contender
from bench.environment import settings
from bench.servers import Answer, ask, running

BODY = b'{"data": []}'


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    found = settings(str(tmp_path), "sqlite://")
    Path(found["BODY_FILE"]).write_bytes(BODY)
    return found


def test_a_contender_answers_is_weighed_and_ends(environment: dict[str, str]) -> None:
    ceiling = Contender(title="ceiling", command=CONTENDERS["ceiling"].command, own=True)
    with running(ceiling, environment, "/") as server:
        assert ask(server.port, "/").body == BODY
        assert 5 < server.memory_mb() < 500
        assert server.seconds > 0
    assert not psutil.pid_exists(server.pid)


def test_one_that_does_not_start_is_named_with_its_last_words(environment: dict[str, str]) -> None:
    broken = Contender(title="broken", command=("uvicorn", "bench.peers.none:application", *LISTEN), own=True)
    with (
        pytest.raises(RuntimeError, match=r"(?s)broken does not start.*bench\.peers\.none"),
        running(broken, environment, "/"),
    ):
        pass


def test_a_film_without_a_poster_is_the_same_however_that_is_stored() -> None:
    stored = [Answer(200, "", b'{"data": [{"id": 1, "poster": %b}]}' % poster) for poster in (b'""', b"null")]
    assert stored[0].data() == stored[1].data() == [{"id": 1, "poster": None}]
