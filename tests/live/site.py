"""The Procfile's own command as a process, spoken to over TCP."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
WEB = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())["web"]
START_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a site keeps its data, and the environment that its processes get."""

    folder: Path
    database_url: str | None

    def environment(self, **more: str | None) -> dict[str, str]:
        """A platform's environment: only what is said, `None` takes a variable away."""
        given: dict[str, str | None] = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SECRET_KEY": "for the time of one test and for nothing else",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "WRITE_RATE_LIMIT": "100000/1m",  # the tests of a session share an address, and write more than a client
            **more,
        }
        return {name: value for name, value in given.items() if value is not None}

    def run(self, *words: str, **more: str | None) -> subprocess.CompletedProcess[str]:
        """`moviedb` with these words, to its end; whether it fared well is for the caller to see."""
        return subprocess.run(
            [sys.executable, "-m", "moviedb", *words],
            check=False, cwd=ROOT, env=self.environment(**more), capture_output=True, text=True, timeout=120,
        )  # fmt: skip


class Site:
    """One process; leave the `with` and it has ended."""

    command = WEB

    def __init__(self, place: Place, *, port: int, **more: str | None) -> None:
        """more: further environment variables, None for one that is to be missing."""
        self.port = port
        self._log_path = place.folder / f"log-{port}"
        with self._log_path.open("wb") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", self.command],
                cwd=ROOT,
                env=place.environment(PORT=str(port), **more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def log(self) -> str:
        """All that the process has said so far."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self) -> Self:
        """Return once /readyz says so. Raises AssertionError with the log when that does not come."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("/readyz").status == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"not ready; exit code {self.process.poll()}:\n{self.log}")

    def wait_until_ended(self) -> int:
        """The exit code of a process that ends by itself, or has been told to."""
        return self.process.wait(timeout=START_SECONDS)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ask(self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own; `X_Name='…'` is the header X-Name."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): headers[name] for name in headers})
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            cookies = tuple(response.headers.get_all("set-cookie") or ())
            return Answer(response.status, fields, response.read(), cookies)
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """A bare connection, for what no HTTP client would do."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def open_things(self) -> tuple[int, int]:
        """How many threads and file descriptors the process has."""
        folder = Path(f"/proc/{self.process.pid}")
        return len(list((folder / "task").iterdir())), len(list((folder / "fd").iterdir()))

    def children(self) -> list[str]:
        """The ids of the processes that the process has started."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [child for task in tasks for child in (task / "children").read_text().split()]


class Form(HTMLParser):
    """The fields of a page's forms, with the values that a browser would send."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._select: str | None = None
        self._textarea: str | None = None
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value = has.get("name"), has.get("value")
        if tag == "select":
            self._select = name
        elif tag == "textarea" and name:
            self._textarea = name
            self.fields.append((name, ""))
        elif tag == "option" and self._select and "selected" in has:
            self.fields.append((self._select, value or ""))
        elif tag == "input" and name and sent(has):
            self.fields.append((name, value if value is not None else "on" if has.get("type") == "checkbox" else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            name, text = self.fields.pop()
            self.fields.append((name, text + data))

    def filled(self, **values: str) -> bytes:
        """The form's body with these fields changed or added."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        return urlencode([*kept, *values.items()]).encode()


def sent(has: dict[str, Any]) -> bool:
    """Whether a browser sends an input as it stands on the page."""
    if has.get("type") in {"checkbox", "radio"}:
        return "checked" in has
    return has.get("type") not in {"submit", "button", "file", "image", "reset"} and "disabled" not in has


class Curator:
    """A browser at /admin: keeps cookies, fills in forms."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cookies: dict[str, str] = {}

    def open(self, path: str, body: bytes | None = None) -> Answer:
        """GET the page, or POST a form to it."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.site.ask(path, method="GET" if body is None else "POST", body=body, **headers)
        for line in answer.cookies:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    def submit(self, path: str, **values: str) -> Answer:
        """Open a page and send its form back with these values changed. Raises AssertionError without the page."""
        page = self.open(path)
        assert page.status == 200, page
        return self.open(path, Form(page.body).filled(**values))

    def log_in(self, name: str, password: str) -> Answer:
        return self.submit("/admin/login/", username=name, password=password, next="/admin/")
