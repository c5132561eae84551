"""All that can be written: one resource, the one that is related to another, a collection."""

from app.writing.collection import Place, write_collection
from app.writing.one import write_one
from app.writing.related import write_related
from app.writing.writer import Request, Writer, Written

__all__ = ["Place", "Request", "Writer", "Written", "write_collection", "write_one", "write_related"]
