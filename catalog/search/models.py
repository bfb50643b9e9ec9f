"""The index's own tables; the bags of words themselves stand in one that the ORM does not know (tables.py)."""

from django.db import models


class SearchWord(models.Model):
    """A word of the index of full text: what a mistyped one may have been. One that no film has now does no harm."""

    word = models.CharField(max_length=30, primary_key=True)

    def __str__(self) -> str:
        return self.word


class SearchState(models.Model):
    """Where the index of full text stands in the change log: one row; and how far it is where it is made anew."""

    position = models.TextField()

    def __str__(self) -> str:
        return self.position
