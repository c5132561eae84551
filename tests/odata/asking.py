"""Questions to the Customer set as tests write them, and what becomes of them."""

from urllib.parse import quote

from app.errors import Refusal
from app.odata.bound import Expression, Options
from app.odata.edm import MODEL
from app.odata.options import Where, parse_options


def options(raw: str, entity: str = "Customer", where: Where = "set") -> Options:
    """What a raw query means."""
    return parse_options(raw, MODEL[entity], where)


def filtered(text: str, entity: str = "Customer") -> Expression:
    """What a $filter means."""
    found = options(f"$filter={quote(text)}", entity).filter
    assert found is not None
    return found


def status(raw: str, entity: str = "Customer", where: Where = "set") -> int:
    """200 where a raw query is understood, else the status with which it is refused."""
    try:
        options(raw, entity, where)
    except Refusal as refusal:
        return refusal.status
    return 200
