"""What is measured: four documents, three formats, and the goals that each format has."""

from dataclasses import dataclass

BASE = "https://shop.example"
"""The origin in all hrefs, the same on every server, so that documents can be compared whole."""

STORE_ID = 66
CUSTOMERS = 10_000

ZOOMS = (
    "attributes",
    "default_billing_address",
    "default_shipping_address",
    "default_payment_method",
    "customer_addresses",
)


@dataclass(frozen=True, slots=True)
class Document:
    """One document. Where it is of one customer, its paths name many, so that no row stays at hand."""

    name: str
    title: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """A media type, and the least ratio to the floor by hand that it should reach."""

    title: str
    media_type: str
    goal: float


HAL_JSON = Format("HAL+JSON", "application/hal+json", 0.5)
SIREN = Format("Siren", "application/vnd.siren+json", 0.4)
HAL_XML = Format("HAL+XML", "application/hal+xml", 0.3)
FORMATS = (HAL_JSON, SIREN, HAL_XML)

_ZOOM = f"zoom={','.join(ZOOMS)}"
_PAGE = f"/stores/{STORE_ID}/customers"
_CUSTOMERS = tuple(f"/customers/{1 + 7919 * step % CUSTOMERS}" for step in range(499))

DOCUMENTS = (
    Document("one", "one customer", _CUSTOMERS),
    Document("zoomed", "one customer, all zooms", tuple(f"{path}?{_ZOOM}" for path in _CUSTOMERS)),
    Document("page", "page of 20", (f"{_PAGE}?limit=20",)),
    Document("pages", "page of 300, all zooms", (f"{_PAGE}?{_ZOOM}&limit=300",)),
)
