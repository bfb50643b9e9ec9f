"""What all set-ups share; `development`, `production` and `test` say how the environment is read, then `configure`."""

from pathlib import Path
from typing import Any

# Ours, beside Django's own; `configure` gives their values, settings/environment.py their meaning.
API_PUBLIC_READ: bool
REQUIRE_IF_MATCH: bool
API_THREADS: int
API_QUEUE: int
API_QUEUE_SECONDS: float
REQUEST_SECONDS: float
BODY_BYTES: int
BULK_BYTES: int
BULK_SECONDS: float
STATISTICS_SECONDS: float
CACHE_BYTES: int
HEAD_SECONDS: float
HEAD_BYTES: int
ADDRESS_BYTES: int
IDLE_SECONDS: int
CHANGES_DAYS: int
WEBHOOKS_ANYWHERE: bool
RATE_LIMIT: tuple[int, int] | None
WRITE_RATE_LIMIT: tuple[int, int]
SHUTDOWN_SECONDS: float
METRICS_TOKEN: str | None
TRUSTED_PROXIES: list[str]
ACCESS_LOG: bool
HOST: str
PORT: int
DATA_DIR: Path

AS_READ = (
    *("API_THREADS", "API_QUEUE", "API_QUEUE_SECONDS", "REQUEST_SECONDS", "BULK_SECONDS"),
    *("HEAD_SECONDS", "IDLE_SECONDS", "SHUTDOWN_SECONDS", "METRICS_TOKEN"),
)
"""Settings that are the environment's values as they are."""

BASE_DIR = Path(__file__).resolve().parent.parent

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "moviedb",
    "catalog",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "moviedb.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# Absolute, so that they hold below the admin's mount too.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "moviedb.storage.HashedFiles"},
}
SERVESTATIC_KEEP_ONLY_HASHED_FILES = True  # no address names the others, and each would be compressed too

# A film with 2,000 in cast and crew is one form of six fields a row; Django stops at 1,000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# server/front.py sets these two for every answer, the admin's included.
SECURE_CONTENT_TYPE_NOSNIFF = False
SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS and the redirect to https belong to whatever ends TLS before this process
    "security.W008",
    "security.W006",  # front.py sets the header, for the API too
]

UNFOLD = {
    "SITE_TITLE": "moviedb",
    "SITE_HEADER": "moviedb",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    # unfold imports these and calls them with the request.
    "SITE_ICON": "catalog.admin.sidebar.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "catalog.admin.sidebar.icon"}],
    "STYLES": ["catalog.admin.sidebar.stylesheet"],
    "SIDEBAR": {"navigation": "catalog.admin.sidebar.navigation"},
}

# Each names its reason: what a SQLite connection must have before it may serve (checked at start by moviedb/checks.py).
SQLITE_PRAGMAS = {
    "journal_mode": "wal",  # readers and the writer do not wait for each other
    "synchronous": 2,  # FULL: what has been acknowledged outlives a power loss
    "foreign_keys": 1,
    "recursive_triggers": 1,  # otherwise REPLACE deletes rows unseen by triggers
    "busy_timeout": 5000,
}


def sqlite_options() -> dict[str, Any]:
    """Options of Django's SQLite backend: pragmas on every connection, and writes that take the lock at BEGIN."""
    commands = ";".join(f"PRAGMA {name}={value}" for name, value in SQLITE_PRAGMAS.items())
    return {"init_command": commands, "transaction_mode": "IMMEDIATE", "timeout": 5}


def postgresql_options(*, prepared_statements: bool) -> dict[str, Any]:
    """Options of Django's PostgreSQL backend: a connection that may prepare statements, and then plans them once."""
    if not prepared_statements:
        return {"connect_timeout": 5}
    # Below this count nothing is prepared but what asks for it, as catalog/prepared.py does; Django's default, None,
    # would refuse even that. Django's own queries carry their values within and are planned with them.
    asked_only = 2**31 - 1
    return {"connect_timeout": 5, "prepare_threshold": asked_only, "options": "-c plan_cache_mode=force_generic_plan"}


def databases(
    url: dict[str, Any] | None, data_dir: Path, *, prepared_statements: bool = True
) -> dict[str, dict[str, Any]]:
    """Django's DATABASES for a parsed `DATABASE_URL`, or for the embedded file in `data_dir`."""
    chosen = url or {"ENGINE": "django.db.backends.sqlite3", "NAME": str(data_dir / "moviedb.sqlite3")}
    # The admin runs on threads that end with each request: a kept connection would leak. The API's executor
    # keeps its own and ignores this age.
    chosen = {**chosen, "CONN_MAX_AGE": 0}
    if chosen["ENGINE"] == "django.db.backends.sqlite3":
        chosen["OPTIONS"] = {**chosen.get("OPTIONS", {}), **sqlite_options()}
    else:
        options = postgresql_options(prepared_statements=prepared_statements)
        chosen["OPTIONS"] = {**options, **chosen.get("OPTIONS", {})}
    return {"default": chosen}


def configure(values: dict[str, Any]) -> dict[str, Any]:
    """Django's settings made from the environment's values; a settings module adds them to its own names."""
    data_dir = values["DATA_DIR"].absolute()
    return {name: values[name] for name in AS_READ} | {
        "SECRET_KEY": values["SECRET_KEY"],
        "ALLOWED_HOSTS": values["ALLOWED_HOSTS"],
        "CSRF_TRUSTED_ORIGINS": values["CSRF_TRUSTED_ORIGINS"],
        "SESSION_COOKIE_SECURE": values["HTTPS"],
        "CSRF_COOKIE_SECURE": values["HTTPS"],
        "TRUSTED_PROXIES": values["TRUSTED_PROXIES"],
        "ACCESS_LOG": values["ACCESS_LOG"],
        "API_PUBLIC_READ": values["API_PUBLIC_READ"],
        "REQUIRE_IF_MATCH": values["REQUIRE_IF_MATCH"],
        "STATISTICS_SECONDS": values["STATISTICS_SECONDS"],
        "CACHE_BYTES": values["CACHE_MB"] * 2**20,
        "BODY_BYTES": values["BODY_MB"] * 10**6,
        "BULK_BYTES": values["BULK_MB"] * 10**6,
        "HEAD_BYTES": values["HEAD_KB"] * 2**10,
        "ADDRESS_BYTES": values["ADDRESS_KB"] * 2**10,
        "HOST": values["HOST"],
        "PORT": values["PORT"],
        "CHANGES_DAYS": values["CHANGES_DAYS"],
        "WEBHOOKS_ANYWHERE": values["WEBHOOKS_ANYWHERE"],
        "RATE_LIMIT": values["RATE_LIMIT"],
        "WRITE_RATE_LIMIT": values["WRITE_RATE_LIMIT"],
        "DATA_DIR": data_dir,
        "MEDIA_ROOT": data_dir / "media",
        "DATABASES": databases(values["DATABASE_URL"], data_dir, prepared_statements=values["PREPARED_STATEMENTS"]),
        "LOGGING": logging_to_stderr(values["LOG_LEVEL"]),
    }


def logging_to_stderr(level: str) -> dict[str, Any]:
    """One handler for everything, so that a platform that reads the streams sees all of it once."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django": {"handlers": []}},  # Django's own would write each line once more
    }
