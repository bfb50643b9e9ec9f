from django.apps import AppConfig


class MoviedbConfig(AppConfig):
    name = "moviedb"
