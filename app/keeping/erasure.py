"""erasure: that a customer was erased, by ids alone, so that a backup from before can forget them too."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.config import Misconfigured
from app.db.ids import is_id
from app.db.tables import Base
from app.resources.store import Store


class Erasure(Base):
    """A customer who was erased. `erased_at` is in seconds since 1970. Such rows are kept for ever."""

    __tablename__ = "erasure"
    __table_args__ = ({"sqlite_with_rowid": False},)

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    erased_at: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True, order=True)
class Erased:
    """A line of the list of erasures."""

    store_id: int
    customer_id: int
    erased_at: int

    def __str__(self) -> str:
        return f"{self.store_id}\t{self.customer_id}\t{self.erased_at}"


def note(connection: Connection, store_id: int, customers: Sequence[int], when: int | None = None) -> None:
    """Notes that customers were erased, in the transaction that does it."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    moment = int(time.time()) if when is None else when
    rows = [{"store_id": store_id, "customer_id": each, "erased_at": moment} for each in customers]
    if rows:
        connection.execute(dialect.insert(Erasure).on_conflict_do_nothing(), rows)


def noted(connection: Connection) -> Iterator[Erased]:
    """All erasures, one store after another."""
    row = Erasure
    for store_id in connection.scalars(select(Store.id).order_by(Store.id)).all():
        mine = select(row.customer_id, row.erased_at).where(row.store_id == store_id)
        for customer_id, erased_at in connection.execute(mine.order_by(row.customer_id)):
            yield Erased(store_id, customer_id, erased_at)


def read_list(lines: Iterable[str]) -> Iterator[Erased]:
    """The erasures of a list that `patron erasures` has written.

    :raises Misconfigured: naming the line that is none.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            found = _LINE.fullmatch(line.strip())
            erased = Erased(*map(int, found.groups())) if found else None
            if erased is None or not (is_id(erased.store_id) and is_id(erased.customer_id)):
                raise Misconfigured(f"line {number} of the list of erasures is none of ours")
            yield erased


_LINE = re.compile(r"(\d{1,10})\t(\d{1,10})\t(\d{1,18})", re.ASCII)
