"""Entities as this face finds them, asked for without the wire: so that many questions cost little."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from app.db.patience import Patience, Row, Run
from app.db.prepared import Prepared
from app.encryption import Cipher
from app.hypermedia import Registry
from app.odata.bound import Options
from app.odata.edm import MODEL
from app.odata.found import Listed, Question
from app.odata.options import parse_options
from app.odata.pages import Entities
from app.odata.types import LIFTOFF_TYPES
from app.reading import Caller
from app.sandbox import STORE_ID
from app.zones import zone
from tests.site import SECRET, Site

CALLER = Caller(STORE_ID, "", zone("UTC"))


def options(entity: str = "Customer", **said: str) -> Options:
    """Query options, each by its name without the `$`."""
    raw = "&".join(f"${name}={quote(text, safe='')}" for name, text in said.items())
    return parse_options(raw, MODEL[entity], "set")


@dataclass(frozen=True)
class Noting(Patience):
    """Lets statements take their time, and notes them with their arguments."""

    noted: list[tuple[Prepared, list[Any]]] = field(default_factory=list)

    def held(self, connection: Any, run: Run) -> Run:
        """The same, noting what is run."""

        def noting(statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
            self.noted.append((statement, statement.arguments(values)))
            return run(statement, values)

        return super().held(connection, noting)


@dataclass(frozen=True)
class Finder:
    """The entities of one site."""

    entities: Entities

    @classmethod
    def of(cls, site: Site, milliseconds: int = 60_000) -> "Finder":
        """Those of a site, with so much time for each statement."""
        patron = site.app.extensions["patron"]
        registry = Registry(LIFTOFF_TYPES, patron.config.rels_href)
        return cls(Entities(registry, patron.reader, Cipher(SECRET), milliseconds))

    def noted(self, entity: str = "Customer", **said: str) -> list[tuple[Prepared, list[Any]]]:
        """The statements of a page, with their arguments."""
        noting = Noting(60_000)
        patience, self.entities._patience = self.entities._patience, noting
        try:
            self.page(entity, **said)
        finally:
            self.entities._patience = patience
        return noting.noted

    def page(self, entity: str = "Customer", most: int = 100, **said: str) -> Listed:
        """A page of a set."""
        return self.entities.page(CALLER, Question(MODEL[entity], options(entity, **said)), most)

    def ids(self, entity: str = "Customer", most: int = 100, **said: str) -> list[int]:
        """The ids of all that there are, from page to page."""
        ids, token = list[int](), dict[str, str]()
        while True:
            listed = self.page(entity, most, **said, **token)
            ids += [each.values["id"] for each in listed.found]
            assert len(listed.found) <= most
            if listed.token is None:
                return ids
            assert len(listed.found) == most
            token = {"skiptoken": listed.token}
