"""What a client is told who asks for what OData does not know, or for what this face does not offer."""

from app.errors import Refusal, shortened
from app.odata.edm import EntityType

__all__ = ["absent", "shortened", "unoffered", "wrong"]


def absent(entity: EntityType, key: int) -> Refusal:
    """What is not there, or not in this account: 404."""
    return Refusal.of(404, f"there is no {entity.name}({key})")


def wrong(option: str, message: str, at: int | None = None) -> Refusal:
    """What makes no sense: 400, with the query option as its target and where in it the fault stands."""
    place = "" if at is None else f" (at character {at + 1})"
    return Refusal.of(400, f"{option}: {message}{place}", properties=[option])


def unoffered(option: str, message: str) -> Refusal:
    """What OData knows and this face does not offer: 501 (OData Protocol §12, Minimal 6)."""
    return Refusal.of(501, f"{option}: {message}", properties=[option], code="not_supported")
