"""text/html: any resource as a page for people, with its links to follow and its affordances as forms.

The page is whole without a script, and read-only; `script/` makes its forms send what they say. Nothing
is loaded from another host, and no markup is inline script or style.
"""

from representations.explorer.assets import ASSETS, Asset
from representations.explorer.page import render, sign_in_page

MEDIA_TYPE = "text/html"
ALIASES: tuple[str, ...] = ()

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

__all__ = [
    "ALIASES",
    "ASSETS",
    "CONTENT_SECURITY_POLICY",
    "MEDIA_TYPE",
    "Asset",
    "render",
    "sign_in_page",
]
