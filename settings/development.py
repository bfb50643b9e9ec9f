"""A developer's machine: nothing is required, the key is made and kept."""

import os

from settings.base import *  # noqa: F403  a settings module is its base and more
from settings.base import configure
from settings.environment import kept_secret_key, read

DEBUG = True
_values = read(production=False, environ={**os.environ, "HTTPS": os.environ.get("HTTPS") or "false"})
_values["SECRET_KEY"] = _values["SECRET_KEY"] or kept_secret_key(_values["DATA_DIR"])
globals().update(configure(_values))
