"""The default everywhere: secrets are required, nothing is shown that helps an attacker."""

from settings.base import *  # noqa: F403  a settings module is its base and more
from settings.base import configure
from settings.environment import read

DEBUG = False
globals().update(configure(read(production=True)))
