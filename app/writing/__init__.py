"""All that can be written: one resource, one related to another, a collection, what belongs to nobody yet."""

from app.writing.collection import write_collection
from app.writing.founding import write_founded
from app.writing.one import write_one
from app.writing.place import Place, require_place
from app.writing.related import write_related
from app.writing.taking import take
from app.writing.uses import clear_use
from app.writing.writer import Allow, Permit, Request, Writer, Written, anything, whatever

__all__ = [
    "Allow",
    "Permit",
    "Place",
    "Request",
    "Writer",
    "Written",
    "anything",
    "clear_use",
    "require_place",
    "take",
    "whatever",
    "write_collection",
    "write_founded",
    "write_one",
    "write_related",
]
