"""Where this server is reached, as far as the settings tell."""

from django.conf import settings

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "*"}
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  what a browser can open instead


def origin() -> str:
    """Scheme and host for links that people open: the first public name, else the address that is listened on."""
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    public = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host not in LOCAL_HOSTS]
    if public and not settings.DEBUG:
        return f"{scheme}://{public[0]}"
    address = ANY_ADDRESS.get(settings.HOST, settings.HOST)
    return f"http://[{address}]:{settings.PORT}" if ":" in address else f"http://{address}:{settings.PORT}"
