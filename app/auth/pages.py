"""The pages of /authorize: plain HTML without scripts, which nobody may keep, frame or be referred from."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_FOLDER = Path(__file__).with_name("templates")
_STYLE = (_FOLDER / "style.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_environment = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_environment.globals["style"] = Markup(_STYLE)  # noqa: S704 - our own

PRIVATE = {
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # no form-action: browsers hold the redirect that answers a form against it too, and every one after
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page from the template of that name."""
    html = _environment.get_template(f"{name}.html").render(**values)
    return Response(html, status, {**PRIVATE, "Content-Type": "text/html; charset=utf-8"})


def sent_to(address: str) -> Response:
    """Sends the browser elsewhere, by GET whatever it has sent here (RFC 9700 §4.12)."""
    return Response("", 303, {**PRIVATE, "Location": address, "Content-Type": "text/html; charset=utf-8"})
