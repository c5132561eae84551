"""/rels: a link relation is itself a resource, and its page is derived from what is declared."""

from app.docs.documents import Docs
from app.docs.strangers import strangers

__all__ = ["Docs", "strangers"]
