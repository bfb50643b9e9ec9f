"""The API as this project runs it: its handlers over an executor, with the settings' policy, behind the bridge."""

from django.conf import settings
from django.db import connection

from catalog import jobs
from catalog.api.app import create_api
from catalog.api.http import problems
from catalog.api.http.limits import Ledger
from catalog.api.keys import Draining, Executor, Policy
from catalog.api.webhook_sender import Sender
from catalog.services import webhooks
from catalog.values.rates import Rate
from server.bridge import Bridge, bridge
from server.config import HEADER_LIMITS
from server.front import problem_answer
from server.jobs import Chore, Run, Worker


def bridged(executor: Executor, *, draining: Draining | None = None, worker: Worker | None = None) -> Bridge:
    """The ASGI application below /api; whoever mounts it starts the executor first.

    draining: set when the process is asked to stop. worker: does the background work while the application runs.
    """
    policy = Policy(
        public_read=settings.API_PUBLIC_READ,
        require_if_match=settings.REQUIRE_IF_MATCH,
        webhooks_anywhere=settings.WEBHOOKS_ANYWHERE,
        request_seconds=settings.REQUEST_SECONDS,
        body_bytes=settings.BODY_BYTES,
        bulk_bytes=settings.BULK_BYTES,
        bulk_seconds=settings.BULK_SECONDS,
    )
    api = create_api(executor, policy, ledger=ledger(), draining=draining)
    if worker is not None:
        api.cleanup_ctx.append(worker.during)
    return bridge(
        api,
        strip_root_path=False,
        problem=problem_answer(problems.body),
        access_log=None,  # front.py writes the access lines of both doors
        **HEADER_LIMITS,
    )


def ledger() -> Ledger:
    """What one client may ask for; on PostgreSQL, which several containers may share, the database counts."""
    read, write = settings.RATE_LIMIT, settings.WRITE_RATE_LIMIT
    return Ledger(read and Rate(*read), Rate(*write), shared=connection.vendor == "postgresql")


def worker(run: Run) -> Worker:
    """The background work of the catalogue; `run` is the executor's."""
    sender = Sender(run, anywhere=settings.WEBHOOKS_ANYWHERE)
    chores = [Chore(*each) for each in jobs.CHORES]
    return Worker(jobs, {**jobs.handlers(run), webhooks.KIND: sender}, run, chores=chores)
