"""Names as Liftoff has them: a customer's, an address's and the code of an account; and API keys.

SQLite adds no column in the midst of a table that is there: there the tables are made anew, and filled.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = """CASE WHEN first_name <> '' AND last_name <> '' THEN first_name || ' ' || last_name
 WHEN first_name <> '' THEN first_name WHEN last_name <> '' THEN last_name END"""
"""First and last name, as far as they say something, in one."""

ADDED: Mapping[str, tuple[str, int, str]] = {
    "customer": ("name", 255, NAME),
    "customer_address": ("full_name", 255, NAME),
    "store": ("code", 100, "store_domain"),
}
"""By table its new column, how long it may be, and what the rows that are there say in it."""

BY_NAME = "ix_customer_store_id_is_anonymous_name_id"


def upgrade() -> None:
    for table, (name, most, value) in ADDED.items():
        column = sa.Column(name, sa.String(most) if table == "store" else ordered_text(most))
        if is_sqlite():
            lines = [f"{name} VARCHAR({most}){' NOT NULL' if table == 'store' else ''}"]
            unique = ["CONSTRAINT uq_store_code UNIQUE (code)"] if table == "store" else []
            rebuild(table, lines + unique, {name: value})
        else:
            op.add_column(table, column)
            op.execute(f"UPDATE {table} SET {name} = {value}")  # noqa: S608
    if not is_sqlite():
        op.alter_column("store", "code", nullable=False)
        op.create_unique_constraint("uq_store_code", "store", ["code"])
    members = ["store_id", "is_anonymous", sa.text("coalesce(name, '')"), "id"]
    op.create_index(BY_NAME, "customer", members)
    op.create_table(
        "api_key",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("permissions", sa.String(length=40), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_api_key_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_api_key")),
        sa.UniqueConstraint("name", name=op.f("uq_api_key_name")),
    )
    op.create_index("ix_api_key_store_id", "api_key", ["store_id"])


def downgrade() -> None:
    op.drop_table("api_key")
    op.drop_index(BY_NAME, "customer")
    for table, (name, _, _) in ADDED.items():
        if is_sqlite():
            rebuild(table, [], {}, without=name)
        else:
            op.drop_column(table, name)


def ordered_text(length: int) -> sa.types.TypeEngine[Any]:
    return sa.String(length).with_variant(sa.VARCHAR(length, collation="C"), "postgresql")


def rebuild(table: str, lines: list[str], filled: Mapping[str, str], without: str = "") -> None:
    """Makes a table of SQLite anew, with its rows and indexes: with other lines in its definition.

    :param without: a column that goes, with the constraint of it alone.
    """
    connection = op.get_bind()
    known = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :type AND sql <> ''")
    about = {"table": table, "type": "table"}
    _, *members = connection.execute(known, about).scalar_one().splitlines()
    indexes = connection.execute(known, about | {"type": "index"}).scalars().all()
    if without:
        gone = (f"{without} ", f"CONSTRAINT uq_{table}_{without} ")
        members = [each for each in members if not each.strip().startswith(gone)]
    first = next(at for at, each in enumerate(members) if each.strip().startswith("CONSTRAINT"))
    members[first:first] = [f"\t{each}, " for each in lines]
    carried = [
        row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})") if row[1] != without
    ]
    names, values = ", ".join([*carried, *filled]), ", ".join([*carried, *filled.values()])
    op.execute("\n".join((f'CREATE TABLE "new_{table}" (', *members)))
    op.execute(f"INSERT INTO new_{table} ({names}) SELECT {values} FROM {table}")  # noqa: S608
    op.drop_table(table)
    op.rename_table(f"new_{table}", table)
    for each in indexes:
        op.execute(each)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
