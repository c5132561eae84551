"""What every table has: names for constraints, and for those of a store its keys and version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Integer, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.db.types import Moment
from app.passwords import Hashed

GLOBAL_TABLES = frozenset(
    {"store", "client", "user", "user_store", "token", "authorization_code", "api_key", "id_block"}
)
"""The tables that belong to no store, or that say which store is meant. All others carry `store_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes a row, and what the row needs of the world for it.

    `chosen` looks up the type and config that the store has chosen, with which `hash` hashes a password;
    `allow_weak_hashes` is the operator's, on what a store may choose. `owner` holds the values of the row
    to which the written one belongs. Of customers who write of themselves, `knows` tells whether they
    know a password that lets them choose another. `moment` reads a date without an offset on the store's
    clocks. `query_fault` tells what is wrong with a query of a resource, `url_fault` with an address that
    nobody may be told at. What is `moved` in was elsewhere as it is: a card may have expired there since.
    """

    client: str
    chosen: Callable[[], tuple[str, str | None]]
    allow_weak_hashes: bool
    hash: Callable[[str, str, str | None], Hashed]
    encrypt: Callable[[str], str]
    owner: Mapping[str, Any]
    moment: Callable[[datetime], datetime]
    query_fault: Callable[[str, str], str | None]
    url_fault: Callable[[str], str | None]
    knows: Callable[[str], bool] | None = None
    moved: bool = False


ROW_VERSION = "row_version"
"""What the column `version` is called among a resource's values: no property is called so, and one may be
called `version`."""


class Base(DeclarativeBase):
    """The metadata that migrations, the drift test and the schema lint compare with."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )

    @classmethod
    def check(cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author) -> None:
        """Holds properties that are valid each against one another, and against what is there.

        :param given: those that have changed; of those that are required some may be missing.
        :param current: the row's values, None where it is being created.
        :raises Invalid: (of `app.schema`) where they do not fit together.
        """

    @classmethod
    def columns(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,  # noqa: ARG003 - for the nouns to which it matters
        author: Author,  # noqa: ARG003
    ) -> dict[str, Any]:
        """What a write sets: from properties that have changed, and that fit together, to columns.

        It runs before the transaction begins, so hashing may take its time here.
        """
        return dict(given)


def now() -> datetime:
    """This second, aware."""
    return datetime.now(UTC).replace(microsecond=0)


class StoreRow(Base):
    """A row of a store: keyed by (store_id, id), with the version that guards its writes."""

    __abstract__ = True

    tally: ClassVar[str | None] = None
    """The attribute whose value says which counter counts a row; "" where the table has one counter."""

    told: ClassVar[tuple[str, ...]] = ()
    """What webhooks are told of such a row and of those that go with it: that it is created, modified, …"""

    apart: ClassVar[frozenset[str] | None] = None
    """The properties that `columns` reads, and those by which a row that is moved in is found: all others are
    values of the columns of their names, whatever else is given. None where that is not so."""

    includes: ClassVar[tuple[str, ...]] = ()
    """The columns by which a row that is told of names others that are a part of it."""

    exclusive: ClassVar[Mapping[str, str]] = {}
    """The flags that one row of an owner alone may have, each with the column that names the owner."""

    store_id: Mapped[int] = mapped_column(Integer, ForeignKey("store.id"), primary_key=True, sort_order=-3)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, sort_order=-2)
    version: Mapped[int] = mapped_column(Integer, default=1, sort_order=-1)
    date_created: Mapped[datetime | None] = mapped_column(Moment, default=now, sort_order=1)
    date_modified: Mapped[datetime | None] = mapped_column(Moment, default=now, sort_order=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - declared_attr hands over the class
        return {"version_id_col": cls.__table__.c.version} if "__table__" in cls.__dict__ else {}

    def change(self) -> str:
        """What the change of a row that has just been written is told as, where it is `told`."""
        return "modified"

    def wakes(self) -> bool:
        """Whether the change that has just been written lets go out what has been waiting for the row."""
        return False


def owned_by(table: str, column: str, *, cascade: bool = True) -> ForeignKeyConstraint:
    """A foreign key inside the store: `(store_id, column)` names a row of `table`."""
    return ForeignKeyConstraint(
        ["store_id", column],
        [f"{table}.store_id", f"{table}.id"],
        ondelete="CASCADE" if cascade else None,
    )


def is_global(table: Table) -> bool:
    """Whether the table belongs to no store."""
    return table.name in GLOBAL_TABLES
