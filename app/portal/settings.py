"""What the portal's own pages need to know of a store's settings: in snake case, without a secret."""

import re
from typing import Any

from app.portal.portals import Portal
from representations import SELF, Curie, Link, Rel, Resource, Shape

TOS_CHECKBOX: dict[str, Any] = {"usage": "none", "url": "", "initial_state": "unchecked", "is_hidden": True}
"""Foxy's pages read these without asking whether they are there; Patron's checkouts have no such box."""

CART_DISPLAY: dict[str, Any] = {
    "show_product_weight": True,
    "show_product_category": True,
    "show_product_code": True,
    "show_product_options": True,
    "show_sub_frequency": True,
    "show_sub_startdate": True,
    "show_sub_nextdate": True,
    "show_sub_enddate": True,
}

PROPERTIES = (
    "allowed_origins",
    "subscriptions",
    "session_lifespan_in_minutes",
    "sso",
    "sign_up",
    "tos_checkbox_settings",
    "cart_display_config",
)


class PortalSettings:
    """The settings as a resource of the portal."""

    def __init__(self, curie: Curie, title: str) -> None:
        own = Link(SELF, "/{face}/customer_portal_settings", title)
        kind = Rel("customer_portal_settings", curie)
        self._shape = Shape(kind, PROPERTIES, (own,), hidden=("face",), curie=curie)

    def resource(self, portal: Portal) -> Resource:
        """Those of one store."""
        values = (
            portal.allowed_origins,
            _in_snake_case(portal.subscriptions),
            -(-portal.lifetime // 60),
            portal.sso,
            _sign_up(portal),
            TOS_CHECKBOX,
            CART_DISPLAY,
            portal.face,
        )
        return Resource(self._shape, values)


def _sign_up(portal: Portal) -> dict[str, Any]:
    shown: dict[str, Any] = {"enabled": bool(portal.sign_up.get("enabled"))}
    if captcha := portal.captcha:
        shown["verification"] = {"type": captcha["type"], "site_key": captcha["siteKey"]}
    return shown


def _in_snake_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name): _in_snake_case(each)
            for name, each in value.items()
        }
    return [_in_snake_case(each) for each in value] if isinstance(value, list) else value
