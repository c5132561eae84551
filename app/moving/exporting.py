"""All customers of a store, one after the other, from one snapshot and in constant memory.

They are read and written by what answers requests. Temporary passwords stay behind: they are for the place
that has mailed them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

from sqlalchemy import Engine, Integer, bindparam, select

from app.config import Misconfigured
from app.db.ids import LARGEST
from app.db.reader import Reader, Run
from app.embedding import EACH, Budget, Planner, embed
from app.encryption import Cipher
from app.moving.checks import LEFT_BEHIND
from app.moving.columns import Column, escaped, exported
from app.moving.files import Format
from app.reading import Caller, Source
from app.registries import joined
from app.resources import TYPES
from app.resources.attribute import CUSTOMER_ATTRIBUTE
from app.resources.customer import CUSTOMER
from app.resources.store import Store
from app.zones import zone
from representations import Resource
from representations.hal_json import document, render

PAGE = 300
MOST_ATTRIBUTES = 1000
"""How many columns of attributes a table may have."""

ZOOM = ("default_billing_address", "default_shipping_address", "default_payment_method", "customer_addresses")


class _Forgetful(Cipher):
    """Decrypts nothing, since what is encrypted of a customer stays behind."""

    def __init__(self) -> None:
        super().__init__("nothing is encrypted with this key")

    def decrypt(self, stored: str | None) -> str | None:  # noqa: ARG002 - as it is called
        """None."""
        return None


class Exporting:
    """Exports one store.

    :param client: the client whose restricted attributes go along.
    :param page: how many customers are read at once.
    :raises Misconfigured: where there is no such store.
    """

    def __init__(
        self, engine: Engine, store_id: int, rels_href: str, base: str, client: str = "", page: int = PAGE
    ) -> None:
        with engine.connect() as connection:
            timezone = connection.scalar(select(Store.timezone).where(Store.id == store_id))
        if timezone is None:
            raise Misconfigured(f"store {store_id} does not exist")
        self._reader, self._base = Reader(engine), base
        registry = joined(TYPES, rels_href)
        self._caller = Caller(store_id, client, zone(timezone))
        sources = {each.name: Source(registry, self._reader, _Forgetful(), each) for each in TYPES}
        self._source = sources[CUSTOMER.name]
        self._plan = Planner(registry, sources).plan(CUSTOMER, tuple((name, ()) for name in sorted(ZOOM)))
        self._all = {
            group.source.type.name: self._reader.prepare(
                group.source.select()
                .where(group.source.table.c[group.key] == bindparam("owner", type_=Integer))
                .order_by(group.source.table.c.id)
            )
            for group in self._plan.groups
        }
        table = self._source.table
        beyond = self._source.select().where(table.c.id > bindparam("after", type_=Integer))
        self._next = self._reader.prepare(beyond.order_by(table.c.id).limit(page))
        self._left_behind = [self._source.position(name) for name in LEFT_BEHIND]
        names = Source.select(sources[CUSTOMER_ATTRIBUTE.name]).with_only_columns(
            sources[CUSTOMER_ATTRIBUTE.name].table.c.name, sources[CUSTOMER_ATTRIBUTE.name].table.c.visibility
        )
        self._names = self._reader.prepare(names.distinct().limit(MOST_ATTRIBUTES + 1))

    def write(self, file: IO[bytes], kind: Format, advance: Callable[[int], None] = lambda _: None) -> int:
        """Writes all customers, and tells how many there are.

        :param advance: is told after each page how many are written.
        :raises Unavailable: when the database does not answer.
        """
        try:
            with self._reader.snapshot() as run:
                written = 0
                lines = self._ndjson if kind == "ndjson" else self._rows(run, "," if kind == "csv" else "\t")
                for page in self._pages(run):
                    written += len(page)
                    for some in self._whole(run, page):
                        file.write(lines(some))
                    advance(written)
                if not written:
                    file.write(lines([]))
                return written
        finally:
            self._reader.close()

    def _pages(self, run: Run) -> Iterator[list[Resource]]:
        after, id_at = 0, self._source.position("id")
        while rows := run(self._next, self._caller.parameters | {"after": after}):
            page = self._source.resources(rows, self._caller)
            for resource in page:
                for at in self._left_behind:
                    resource.values[at] = None  # type: ignore[index] # the values of a row are a list
            embed(run, self._caller, self._plan, page, Budget(LARGEST))
            yield page
            after = rows[-1][id_at]

    def _whole(self, run: Run, page: list[Resource]) -> Iterator[list[Resource]]:
        """The customers of a page, which is used up; who has a great deal comes alone, and is forgotten."""
        id_at, several = self._source.position("id"), list[Resource]()
        while page:
            resource = page.pop(0)
            if not any(embedded.many and len(content) >= EACH for embedded, content in resource.embedded):
                several.append(resource)
                continue
            if several:
                yield several
            self._complete(run, resource, resource.values[id_at])
            yield [resource]
            several = []
        if several:
            yield several

    def _complete(self, run: Run, resource: Resource, row_id: int) -> None:
        """Embeds all of what a customer has too many of for an answer."""
        for at, (embedded, content) in enumerate(resource.embedded):
            if embedded.many and len(content) >= EACH:
                group = next(each for each in self._plan.groups if at in each.places)
                rows = run(self._all[group.source.type.name], self._caller.parameters | {"owner": row_id})
                everything = group.source.resources(rows, self._caller)
                resource.embedded[at] = (embedded, everything)  # type: ignore[index] # `embed` makes a list

    def _ndjson(self, page: Iterable[Resource]) -> bytes:
        return b"".join(line for each in page for line in (render(each, self._base), b"\n"))

    def _rows(self, run: Run, separator: str) -> Callable[[Iterable[Resource]], bytes]:
        """Writes rows of a table; the header stands before the first."""
        columns = [*exported(), *self._attributes(run)]
        header: list[list[str]] = [[escaped(each.title) for each in columns]]

        def rows(page: Iterable[Resource]) -> bytes:
            text = io.StringIO(newline="")
            writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
            writer.writerows(header)
            header.clear()
            writer.writerows(_cells(columns, document(each, self._base)) for each in page)
            return text.getvalue().encode()

        return rows

    def _attributes(self, run: Run) -> list[Column]:
        named = run(self._names, self._caller.parameters)
        if len(named) > MOST_ATTRIBUTES:
            raise Misconfigured(
                f"the attributes have more than {MOST_ATTRIBUTES} names: export them as NDJSON"
            )
        return [Column("attributes", *each) for each in sorted(tuple(row) for row in named)]


def _cells(columns: Iterable[Column], customer: Mapping[str, Any]) -> Iterator[str]:
    embedded = {rel.rpartition(":")[2]: each for rel, each in customer["_embedded"].items()}
    attributes = {(each["name"], each["visibility"]): each["value"] for each in embedded["attributes"]}
    for column in columns:
        if column.part == "attributes":
            value = attributes.get((column.name, column.visibility))
        else:
            part = embedded.get(column.part, {}) if column.part else customer
            value = part.get(column.name) if _is_written(column.part, part) else None
        yield _cell(value)


def _is_written(part: str, values: Mapping[str, Any]) -> bool:
    """A blank part shows values too, which nobody has written."""
    return not part or values.get("date_created") is not None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escaped(str(value))
