"""Where a request comes from, as the trusted proxies say it (PATRON_PROXIES)."""

from app.application import request_environ


def address() -> str:
    """The client's IP address; empty where the server knows none, as on a socket of the file system."""
    return request_environ().get("REMOTE_ADDR") or ""
