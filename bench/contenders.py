"""Who is compared: moviedb as its Procfile runs it, its peers as their documentation runs them, and the ceiling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.environment import DATABASES, OWN, installed
from server.config import flags

PORT = "{port}"
LISTEN = ("--host", "127.0.0.1", "--port", PORT)
GUNICORN = ("gunicorn", "--workers", "3", "--bind", f"127.0.0.1:{PORT}", "--log-level", "error")
UVICORN = ("uvicorn", *LISTEN, "--no-access-log", "--log-level", "error")


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A server: its name in tables, its command with {port}, whose first word is a program of its environment.

    own: whether that is moviedb's environment; else it is the peers'.
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    databases: Sequence[str] = DATABASES
    own: bool = False

    def words(self, port: int) -> list[str]:
        """The command line that serves on `port` of loopback."""
        folder: Path = OWN if self.own else installed()
        program, *words = (word.format(port=port) for word in self.command)
        return [str(folder / program), *words]


MOVIEDB = ("uvicorn", "asgi:application", *LISTEN, *flags())

CONTENDERS: dict[str, Contender] = {
    "moviedb": Contender(title="moviedb", command=MOVIEDB, own=True),
    "uncached": Contender(title="moviedb, CACHE_MB=0", command=MOVIEDB, own=True, environment={"CACHE_MB": "0"}),
    "gunicorn": Contender(
        title="gunicorn, 3 workers + Django", command=(*GUNICORN, "bench.peers.django_wsgi:application")
    ),
    "aiohttp": Contender(
        title="aiohttp + database_sync_to_async", command=("python", "-m", "bench.peers.aiohttp_orm", PORT)
    ),
    "django_async": Contender(
        title="uvicorn + Django, async view",
        command=(*UVICORN, "--lifespan", "off", "bench.peers.django_asgi:application"),
    ),
    "ninja": Contender(
        title="gunicorn, 3 workers + Django Ninja", command=(*GUNICORN, "bench.peers.ninja:application")
    ),
    "fastapi": Contender(
        title="uvicorn + FastAPI + SQLAlchemy", command=(*UVICORN, "bench.peers.fastapi_sqlalchemy:app")
    ),
    "bolt": Contender(
        title="django-bolt",
        command=("django-admin", "runbolt", *LISTEN),
        environment={"DJANGO_SETTINGS_MODULE": "bench.peers.bolt_settings"},
    ),
    "asyncpg": Contender(
        title="uvicorn + Starlette + asyncpg, no ORM",
        command=(*UVICORN, "bench.peers.asyncpg_raw:application"),
        databases=("postgresql",),
    ),
    "ceiling": Contender(
        title="uvicorn, a fixed body",
        command=("uvicorn", "bench.peers.ceiling:application", *LISTEN, *flags(loop="uvloop", http="httptools")),
    ),
}
"""By the short name that options and results use, in the order in which a round asks them."""
