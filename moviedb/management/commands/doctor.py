import sys
from typing import Any

from django.core.management.base import BaseCommand

from moviedb import doctor


class Command(BaseCommand):
    help = "Say in plain words what is wrong with this set-up; the exit code is 1 when anything must be mended."
    requires_system_checks = []  # they are among its examinations

    def handle(self, **_options: Any) -> None:
        code = doctor.show(doctor.examine())
        if code:
            sys.exit(code)
