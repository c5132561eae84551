"""The OData face, put together from the parts of one application."""

from flask import Flask

from app import Patron
from app.auth.api_keys import ApiKeys
from app.auth.bearer import Bearer
from app.catalogue import Catalogue
from app.encryption import Cipher
from app.odata.batch import Batches
from app.odata.bound import Options
from app.odata.creating import Creating
from app.odata.credentials import Credentials
from app.odata.edm import EntityType
from app.odata.exchange import Answer, Asked, Visitor
from app.odata.found import Found
from app.odata.pages import Entities
from app.odata.reading import Reading
from app.odata.service import Service
from app.odata.types import LIFTOFF_TYPES
from app.odata.views import add_addresses
from app.odata.writing import Writing
from app.odata.written import Writes
from app.registries import joined
from app.writing import Writer


def add_odata(app: Flask, patron: Patron, writer: Writer, bearer: Bearer, cipher: Cipher) -> None:
    """Adds the face's addresses.

    :param writer: the API's, in whose words webhooks are told of what is deleted here.
    """
    config, reader = patron.config, patron.reader
    registry = joined(LIFTOFF_TYPES, config.rels_href)
    entities = Entities(registry, reader, cipher, config.odata_milliseconds)
    reading = Reading(entities)

    def read(visitor: Visitor, entity: EntityType, key: int, options: Options) -> Found:
        return entities.one(visitor.caller, entity, key, options)

    own_writer = writer.beside(registry, Catalogue(registry, reader, cipher))
    writing = Writing(own_writer, writer, read)
    writes = Writes(writing, Creating(writing), reading.key)

    def batch(asked: Asked, visitor: Visitor) -> Answer:
        return batches.answer(asked, lambda work: own_writer.together(visitor.caller, work))

    credentials = Credentials(bearer, ApiKeys(reader, sandbox=config.sandbox))
    service = Service(credentials, reading, writes.answer, batch)
    batches = Batches(service.serve)
    add_addresses(app, service)
