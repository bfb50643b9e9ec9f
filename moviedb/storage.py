"""Where the admin's files are collected: under hashed names, compressed."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names in development too: what a developer sees is what is deployed."""

    def url(self, name: str, force: bool = True) -> str:
        return str(super().url(name, force=force))
