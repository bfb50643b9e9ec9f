"""The composition root: Django's admin and the aiohttp API as one ASGI application."""

import asyncio
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
from catalog.api.http import problems
from catalog.api.http.cachekey import cache_key
from moviedb.api import bridged, worker
from moviedb.pages import pages
from moviedb.startup import prepare
from server.app import create_app
from server.cache import Shared
from server.config import Config
from server.executor import Executor
from server.http import Limits
from server.nodes import Nodes

executor = Executor(
    threads=settings.API_THREADS,
    queue_limit=settings.API_QUEUE,
    wait_seconds=settings.API_QUEUE_SECONDS,
    nodes=Nodes(changes.node),
)
draining = asyncio.Event()
application = create_app(
    Config(
        hosts=settings.ALLOWED_HOSTS,
        proxies=settings.TRUSTED_PROXIES,
        access_log=settings.ACCESS_LOG,
        static_root=settings.STATIC_ROOT,
        media_root=Path(settings.MEDIA_ROOT),
        shutdown_seconds=settings.SHUTDOWN_SECONDS,
        draining=draining,
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
    api=bridged(executor, draining=draining, worker=worker(executor.run)),
    executor=executor,
    pages=pages,
    prepare=prepare,
    problem=problems.body,
    shared=Shared(cache_key, changes, settings.CACHE_BYTES) if settings.CACHE_BYTES else None,
)
