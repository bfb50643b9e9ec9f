"""Content-Security-Policies of the pages that the API shows to people."""

import base64
import hashlib


def digest(text: str) -> str:
    """A source of a Content-Security-Policy: the text with this hash (CSP 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(*sources: str) -> str:
    """A policy that allows these sources and nothing else."""
    return "; ".join(
        ("default-src 'none'", *sources, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
    )
