"""What is measured: the documents, the formats that they are asked for in, and the goals of each."""

from collections.abc import Mapping
from dataclasses import dataclass

BASE = "https://shop.example"
"""The origin in all hrefs, the same on every server, so that documents can be compared whole."""

STORE_ID = 66

ZOOMS = (
    "attributes",
    "default_billing_address",
    "default_shipping_address",
    "default_payment_method",
    "customer_addresses",
)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of Patron's, by the name of its column."""

    title: str
    media_type: str


HAL_JSON = Format("HAL+JSON", "application/hal+json")
SIREN = Format("Siren", "application/vnd.siren+json")
HAL_XML = Format("HAL+XML", "application/hal+xml")
FORMATS = (HAL_JSON, SIREN, HAL_XML)


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of request.

    `goals` are the least ratios to the requests per CPU second of the floor by hand, by the title of a
    format; `growth` is how many times its cost with a thousand customers it may cost with a million.
    """

    name: str
    title: str
    goals: Mapping[str, float]
    growth: float | None = None


def _goals(hal_json: float, siren: float = 0.7, hal_xml: float = 0.5) -> Mapping[str, float]:
    return {HAL_JSON.title: hal_json, SIREN.title: siren, HAL_XML.title: hal_xml}


GROWTH = 1.5
DOCUMENTS = (
    Document("one", "one customer", _goals(0.8), GROWTH),
    Document("zoomed", "one customer, all zooms", _goals(0.8)),
    Document("page", "page of 20", _goals(0.8), GROWTH),
    Document("pages", "page of 300, all zooms", _goals(1.0)),
    Document("email", "search by email", _goals(0.8), GROWTH),
    Document("unchanged", "304", _goals(0.8)),
    Document("deep", "page of 20 at 90 %", _goals(1.0), GROWTH),
    Document("patch", "PATCH", _goals(0.35, 0.35, 0.35)),
)
SIGN_IN_GOAL = 0.9
"""The least ratio of sign-ins a second to what bare bcrypt does in a thread for each core."""
