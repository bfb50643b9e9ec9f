from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        migrating = import_module("catalog.changes.migrating")  # it reaches models, which are not there before
        pre_migrate.connect(migrating.before, sender=self)
        post_migrate.connect(migrating.after, sender=self)
