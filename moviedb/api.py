"""The API as this project runs it: its handlers over an executor, with the settings' policy, behind the bridge."""

from django.conf import settings

from catalog.api.app import create_api
from catalog.api.http import problems
from catalog.api.keys import Executor, Policy
from server.bridge import Bridge, bridge
from server.config import HEADER_LIMITS
from server.front import problem_answer


def bridged(executor: Executor) -> Bridge:
    """The ASGI application below /api; whoever mounts it starts the executor first."""
    policy = Policy(public_read=settings.API_PUBLIC_READ, require_if_match=settings.REQUIRE_IF_MATCH)
    return bridge(
        create_api(executor, policy),
        strip_root_path=False,
        problem=problem_answer(problems.body),
        access_log=None,  # front.py writes the access lines of both doors
        **HEADER_LIMITS,
    )
