"""The probes: what a platform decides by."""

import asyncio
import json

import pytest
from starlette.exceptions import HTTPException

from server import health as module
from server.executor import Overloaded
from server.executor_units import DatabaseAway
from server.health import Check, Health, Live, Ready, stands
from tests.server.asgi_client import Answer, call, http_scope

pytestmark = pytest.mark.anyio


def raising(error: Exception) -> Check:
    async def check() -> None:
        raise error

    return check


async def well() -> None:
    return


async def readiness(check: Check, *, ready: bool = True, draining: bool = False) -> Answer:
    health = Health({"database": check})
    health.ready = ready
    if draining:
        health.draining.set()
    return await call(Ready(health), http_scope("/readyz"))


async def test_a_process_that_runs_is_live() -> None:
    answer = await call(Live(), http_scope("/livez"))
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "live"})


async def test_it_is_ready_when_every_check_passes() -> None:
    answer = await readiness(well)
    assert (answer.status, answer.header("cache-control")) == (200, "no-store")


@pytest.mark.parametrize("error,words", [(DatabaseAway("password=secret"), "is away"), (Overloaded(), "is overloaded")])
async def test_a_failed_check_is_named_without_its_details(error: Exception, words: str) -> None:
    answer = await readiness(raising(error))
    assert (answer.status, answer.header("retry-after")) == (503, "5")
    assert json.loads(answer.body)["faults"] == {"database": words}


async def test_what_a_thing_lacks_is_told_until_it_stands() -> None:
    missing = ["the trigger of films"]

    async def lacking() -> list[str]:
        return missing

    answer = await readiness(stands(lacking))
    assert json.loads(answer.body)["faults"] == {"database": "lacks the trigger of films"}
    missing.clear()
    assert (await readiness(stands(lacking))).status == 200


async def test_a_check_that_hangs_does_not_hang_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang() -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(module, "CHECK_SECONDS", 0.01)
    answer = await readiness(hang)
    assert "did not answer" in json.loads(answer.body)["faults"]["database"]


@pytest.mark.parametrize("ready,draining,words", [(False, False, "is starting"), (True, True, "is shutting down")])
async def test_it_is_not_ready_before_the_start_and_after_sigterm(ready: bool, draining: bool, words: str) -> None:
    answer = await readiness(well, ready=ready, draining=draining)
    assert json.loads(answer.body)["faults"] == {"process": words}


async def test_another_method_is_refused_by_name() -> None:
    with pytest.raises(HTTPException) as refusal:
        await call(Live(), http_scope("/livez", method="POST"))
    assert (refusal.value.status_code, refusal.value.headers) == (405, {"Allow": "GET, HEAD"})
