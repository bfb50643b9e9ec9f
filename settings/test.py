"""The tests: a throw-away key and directory; `DATABASE_URL` chooses the database they run on."""

import os
import tempfile

from settings.base import *  # noqa: F403  a settings module is its base and more
from settings.base import configure
from settings.environment import read

DEBUG = False
_values = read(
    production=False,
    environ={
        "SECRET_KEY": "a key for tests only, worth nothing anywhere",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "HTTPS": "false",
        "DATA_DIR": tempfile.mkdtemp(prefix="moviedb-tests-"),
        "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
    },
)
_settings = configure(_values)
if not _values["DATABASE_URL"]:
    # A file, not memory: threads then meet the locks that they meet in production.
    _settings["DATABASES"]["default"]["TEST"] = {"NAME": _settings["DATA_DIR"] / "test.sqlite3"}
globals().update(_settings)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A test database must not need `collectstatic`.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
