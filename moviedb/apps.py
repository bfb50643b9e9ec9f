from importlib import import_module

from django.apps import AppConfig


class MoviedbConfig(AppConfig):
    name = "moviedb"

    def ready(self) -> None:
        import_module("moviedb.checks")  # registers them
