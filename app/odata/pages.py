"""All that this face reads: an entity, a page of a set or of a navigation, how many there are.

    entities = Entities(Registry(LIFTOFF_TYPES, rels_href), reader, cipher, config.odata_milliseconds)
    entities.page(caller, Question(MODEL["Customer"], options), 100)                     -> Listed
    entities.page(caller, Question(target, options, "BillingAddresses", owner=115), 100) -> Listed; 404
    entities.count(caller, Question(…))                                                  -> int; 404
    entities.one(caller, MODEL["Customer"], 115, options)                                -> Found; 404

What was expanded is in what is found.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from app.catalogue import rows_of
from app.db.ids import LARGEST
from app.db.patience import Crowded, Impatient, Incomputable, Intricate, Patience, Unsupported
from app.db.reader import Reader, Row, Run
from app.encryption import Cipher
from app.errors import Refusal
from app.filtering import Filtering
from app.hypermedia import Registry
from app.odata.asking import Asking, ask, owner_of
from app.odata.bound import Options
from app.odata.compiling import Compiler
from app.odata.edm import MODEL, EntityType
from app.odata.expanding import Expanding
from app.odata.faults import absent
from app.odata.found import Found, Listed, Question
from app.odata.preferences import PAGE
from app.odata.rows import Rows
from app.odata.sorting import sorted_page
from app.paging import Pages, places
from app.reading import Caller


class Entities:
    """Reads entities of a caller's account. What is not in it does not exist."""

    def __init__(self, registry: Registry, reader: Reader, cipher: Cipher, milliseconds: int) -> None:
        self._reader = reader
        self._patience = Patience(milliseconds)
        self._compiler = Compiler(reader.dialect)
        self._filtering = Filtering(registry, reader.dialect)
        self._rows = {name: Rows(registry, reader, cipher, entity) for name, entity in MODEL.items()}
        self._pages = {name: Pages(each.source, self._filtering) for name, each in self._rows.items()}
        self._expanding = Expanding(self._rows, self._compiler)

    def page(self, caller: Caller, question: Question, most: int) -> Listed:
        """As many of an entity set, or of what a navigation leads to, as were asked for.

        Neither this list nor one that is expanded below it has more than `most`.

        :raises Refusal: 404 where the owner is not there, 400 for a token that is none, or where it costs
            too much.
        """
        asking = ask(question, self._compiler, most)
        options = question.options
        with self._reader.snapshot(self._patience) as run:
            with self._answering(_blamed(asking, options)):
                self._require(run, caller, question)
                rows = self._found(run, caller, asking)
            with self._answering("$filter" if options.filter else "$count"):
                total = self._total(run, caller, asking, rows) if options.count else None
            shown = rows[: asking.size]
            found = self._rows[question.type.name].found(shown, caller)
            with self._answering("$expand"):
                found = self._expanding.expand(run, caller, question.type, found, options.expand, most)
        more = len(rows) > len(shown)
        return Listed(found, total, self._token(asking, shown) if more else None)

    def count(self, caller: Caller, question: Question) -> int:
        """How many there are, whatever the page.

        :raises Refusal: 404 where the owner is not there, 400 where it costs too much.
        """
        with (
            self._reader.snapshot(self._patience) as run,
            self._answering("$filter" if question.options.filter else "$count"),
        ):
            self._require(run, caller, question)
            return self._total(run, caller, ask(question, self._compiler, PAGE))

    def one(self, caller: Caller, entity: EntityType, key: int, options: Options) -> Found:
        """One entity by its key.

        :raises Refusal: 404 where the caller's account has none, 400 where it costs too much.
        """
        rows = self._rows[entity.name]
        if key > LARGEST:
            raise absent(entity, key)
        reading = self._reader.snapshot(self._patience) if options.expand else nullcontext(self._reader.run)
        with reading as run, self._answering("$expand"):
            found = rows.found(run(rows.source.one, caller.parameters | {"id": key}), caller)
            if not found:
                raise absent(entity, key)
            return self._expanding.expand(run, caller, entity, found, options.expand, options.most or PAGE)[0]

    def _require(self, run: Run, caller: Caller, question: Question) -> None:
        """Sees to it that the owner of a navigation is there.

        :raises Refusal: 404 where it is not.
        """
        if question.owner is None:
            return
        owner, values = owner_of(question), caller.parameters | {"id": question.owner}
        if question.owner > LARGEST or not run(self._rows[owner.name].source.presence, values):
            raise absent(owner, question.owner)

    @contextmanager
    def _answering(self, blamed: str) -> Iterator[None]:
        """Statements for a query option, which are refused where they are too much.

        :raises Refusal: 400 where that is so whenever it is asked, 501, or 503 where the server is busy.
        """
        try:
            yield
        except Impatient:
            raise _too_costly(self._patience.milliseconds, blamed) from None
        except Crowded:
            message = "the server is busy: try again shortly"
            raise Refusal.of(503, message, headers={"Retry-After": "1"}) from None
        except Intricate:
            message = "what is asked here is nested too deeply: combine fewer functions and operators"
            raise Refusal.of(400, message, properties=[blamed], code="too_complex") from None
        except Incomputable:
            message = "what is computed here is larger than any number or date that is stored"
            raise Refusal.of(400, message, properties=[blamed], code="out_of_range") from None
        except Unsupported:
            message = "tolower and toupper are not supported: this PostgreSQL was built without ICU"
            raise Refusal.of(501, message, properties=[blamed]) from None

    def _found(self, run: Run, caller: Caller, asking: Asking) -> Sequence[Row]:
        if asking.query.is_empty or not asking.query.limit:
            return []
        values = self._values(caller, asking)
        pages = self._pages[asking.type.name]
        if asking.ordering.columns is not None:
            return rows_of(run, pages, asking.key, asking.query, values)
        source, query = self._rows[asking.type.name].source, asking.query
        form = ("sorted", asking.key, query.filters, query.partitions, query.beside, query.after is None)
        statement = source.prepared(
            (*form, asking.ordering.terms),
            lambda: sorted_page(source, self._filtering, self._compiler, asking.key, query, asking.ordering),
        )
        return run(statement, values)

    def _total(self, run: Run, caller: Caller, asking: Asking, rows: Sequence[Row] | None = None) -> int:
        """How many there are; the first page tells where it has them all."""
        query = asking.query
        if query.is_empty:
            return 0
        if rows is not None and len(rows) < query.limit and query.after is None and not query.offset:
            return len(rows)
        statement = self._pages[asking.type.name].count(asking.key, asking.query)
        counted = run(statement, self._values(caller, asking))
        return int(counted[0][0] or 0) if counted else 0

    def _values(self, caller: Caller, asking: Asking) -> dict[str, Any]:
        pages = self._pages[asking.type.name]
        return caller.parameters | pages.values(asking.query) | {"owner": asking.owner}

    def _token(self, asking: Asking, shown: Sequence[Row]) -> str:
        """The place behind the last row that is shown, or as many rows in where none is."""
        if not shown:
            return asking.token(None)
        source, last = self._rows[asking.type.name].source, shown[-1]
        if asking.ordering.columns is None:
            return asking.token(last[len(source.columns) :])
        return asking.token([last[place] for place in places(source, asking.query)])


def _too_costly(milliseconds: int, blamed: str) -> Refusal:
    message = (
        f"this takes more than {milliseconds} ms: compare Id, Email, Name, CreateDate, LastModifiedDate or"
        " LastLoginDate with values, order by one of them without a function, or leave out $count"
    )
    return Refusal.of(400, message, properties=[blamed], code="too_costly")


def _blamed(asking: Asking, options: Options) -> str:
    """The query option that a page is most likely slow for: what no index serves, or else what there is."""
    computed = asking.ordering.columns is None
    said = (("$filter", asking.query.beside), ("$orderby", computed), ("$filter", options.filter))
    return next((name for name, given in said if given), "$orderby" if options.order else "$skip")
