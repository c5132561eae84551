"""The documentation pages as tests read them: which there are, what one says, its example, who asks."""

from typing import Any

from tests.site import Site

HTML = "text/html"


def names(site: Site) -> list[str]:
    """The link relations that have a page."""
    return [each["rel"] for each in site.hal("/rels", token=None)["_embedded"]["fx:rels"]]


def page(site: Site, rel: str, token: str | None) -> dict[str, Any]:
    return site.hal(f"/rels/{rel}", token=token)


def example(site: Site, rel: str, token: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = page(site, rel, token).get("_embedded", {}).get("fx:example")
    return found


def callers(site: Site) -> dict[str, str | None]:
    """Who may ask: nobody in particular, two stores, a client and a user."""
    return {
        "stranger": None,
        "store": site.token,
        "another": site.other_store_token,
        "client": site.client_token,
        "user": site.user_token,
    }
