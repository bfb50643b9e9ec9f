"""What is done without being asked: films come out at their time, and what is old goes."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.utils import timezone

from catalog import changes
from catalog.models import Film


def waits_to_be_published() -> bool:
    """Whether the time of any film has come. One query of an index that holds only films with a time."""
    return Film.objects.filter(publish_at__lte=timezone.now()).exists()


def publish_due() -> int:
    """Publish the films whose time has come, and say how many."""
    due = Film.objects.filter(publish_at__lte=timezone.now())
    return due.update(published=True, publish_at=None)


def prune_changes() -> int:
    """Take away the changes that are older than CHANGES_DAYS, and say how many."""
    return changes.prune(timedelta(days=settings.CHANGES_DAYS))


def clear_sessions() -> None:
    """Take away the admin's sessions that are over."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
