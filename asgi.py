"""The composition root: Django's admin and the aiohttp API as one ASGI application."""

import os
import sys
from pathlib import Path

import django

from settings.environment import SettingsError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")
try:
    django.setup()
except SettingsError as error:
    sys.exit(f"moviedb can't start:\n{error}")

from django.conf import settings
from django.core.asgi import get_asgi_application

from catalog import changes
from catalog.api.app import create_api
from catalog.api.http import problems
from catalog.api.http.cachekey import cache_key
from catalog.api.keys import Policy
from moviedb.pages import pages
from moviedb.startup import prepare
from server.app import create_app
from server.bridge import bridge
from server.cache import Shared
from server.config import HEADER_LIMITS, Config
from server.executor import Executor
from server.front import problem_answer
from server.http import Limits

executor = Executor(
    threads=settings.API_THREADS, queue_limit=settings.API_QUEUE, wait_seconds=settings.API_QUEUE_SECONDS
)
application = create_app(
    Config(
        hosts=settings.ALLOWED_HOSTS,
        proxies=settings.TRUSTED_PROXIES,
        access_log=settings.ACCESS_LOG,
        static_root=settings.STATIC_ROOT,
        media_root=Path(settings.MEDIA_ROOT),
        shutdown_seconds=settings.SHUTDOWN_SECONDS,
        metrics_token=settings.METRICS_TOKEN,
        checks={"change log": changes.standing},
        limits=Limits(
            head_seconds=settings.HEAD_SECONDS,
            head_bytes=settings.HEAD_BYTES,
            address_bytes=settings.ADDRESS_BYTES,
            idle_seconds=settings.IDLE_SECONDS,
        ),
    ),
    admin=get_asgi_application(),
    # front.py writes the access lines of both doors.
    api=bridge(
        create_api(
            executor,
            Policy(public_read=settings.API_PUBLIC_READ, require_if_match=settings.REQUIRE_IF_MATCH),
        ),
        strip_root_path=False,
        problem=problem_answer(problems.body),
        access_log=None,
        **HEADER_LIMITS,
    ),
    executor=executor,
    pages=pages,
    prepare=prepare,
    problem=problems.body,
    shared=Shared(cache_key, changes, settings.CACHE_BYTES) if settings.CACHE_BYTES else None,
)
