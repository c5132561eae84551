"""Subscriptions and transaction templates in full; a subscription outlives its customer.

SQLite changes no column of a table that is there: there the tables are made anew, and filled.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def text(length: int) -> sa.types.TypeEngine[Any]:
    return sa.String(length).with_variant(sa.VARCHAR(length, collation="C"), "postgresql")


def numbers(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=nullable) for name in names]


def ids() -> list[sa.Column[Any]]:
    names = ("store_id", "id", "version")
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]


def dates() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime()) for name in ("date_created", "date_modified")]


OLD = {
    "subscription": lambda: numbers("customer_id", "transaction_template_id", nullable=False),
    "transaction_template": list,
}
KEPT = {
    "subscription": lambda: [
        *numbers("customer_id"),
        *numbers("transaction_template_id", nullable=False),
    ],
    "transaction_template": list,
}
NEW = {
    "subscription": lambda: [
        *numbers("last_transaction_id"),
        *(sa.Column(name, sa.DateTime(), nullable=False) for name in ("start_date", "next_transaction_date")),
        *(sa.Column(name, sa.DateTime()) for name in ("end_date", "first_failed_transaction_date")),
        sa.Column("frequency", text(4), nullable=False),
        *(
            sa.Column(name, text(most))
            for name, most in {"error_message": 500, "third_party_id": 100}.items()
        ),
        sa.Column("past_due_amount", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("payment_type", text(20)),
    ],
    "transaction_template": lambda: [
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("total_item_price", "total_order")),
        sa.Column("currency_code", text(3)),
        sa.Column("currency_symbol", text(10)),
    ],
}

BEGUN = "coalesce(date_created, '1970-01-01 00:00:00')"
FILLED: Mapping[str, Mapping[str, str]] = {
    "subscription": {
        "start_date": BEGUN,
        "next_transaction_date": BEGUN,
        "frequency": "'1m'",
        "error_message": "''",
        "third_party_id": "''",
        "past_due_amount": "0",
        "is_active": "true",
    },
    "transaction_template": {"total_item_price": "0", "total_order": "0"},
}
"""What the rows that are there say in the new columns."""


def owners() -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["store_id", f"{of}_id"],
            [f"{of}.store_id", f"{of}.id"],
            name=f"fk_subscription_store_id_{of}_id",
        )
        for of in ("customer", "transaction_template")
    ]


BEFORE: Mapping[str, Sequence[Any]] = {"ix_subscription_store_id_customer_id_id": ["customer_id", "id"]}
ADDED: Mapping[str, Sequence[Any]] = {
    "ix_subscription_store_id_transaction_template_id_id": ["transaction_template_id", "id"],
    "ix_subscription_store_id_frequency_id": ["frequency", "id"],
    "ix_subscription_store_id_next_transaction_date_id": ["next_transaction_date", "id"],
}
WALKED = ("date_created", "date_modified", "end_date")


def upgrade() -> None:
    if is_sqlite():
        drop_indexes(BEFORE)
        for table in ("transaction_template", "subscription"):
            rebuild(table, [*KEPT[table](), *NEW[table]()], FILLED[table])
        create_indexes(BEFORE)
    else:
        for table in ("transaction_template", "subscription"):
            for column in NEW[table]():
                add(table, column)
        op.alter_column("subscription", "customer_id", nullable=True)
    create_indexes(ADDED)
    for name in WALKED:
        value = sa.text(f"coalesce({name}, {least()})")
        op.create_index(f"ix_subscription_store_id_{name}_id", "subscription", ["store_id", value, "id"])


def downgrade() -> None:
    """What is nobody's any more is nothing that the older code knows."""
    for name in WALKED:
        op.drop_index(f"ix_subscription_store_id_{name}_id", "subscription")
    drop_indexes(ADDED)
    nobodys = "SELECT 1 FROM subscription s WHERE s.store_id = {0}.store_id AND s.id = {0}.subscription_id"
    nobodys += " AND s.customer_id IS NULL"
    op.execute(f"DELETE FROM attribute WHERE EXISTS ({nobodys.format('attribute')})")  # noqa: S608
    named = nobodys.format('"transaction"')
    op.execute(f'UPDATE "transaction" SET subscription_id = NULL WHERE EXISTS ({named})')  # noqa: S608
    op.execute("DELETE FROM subscription WHERE customer_id IS NULL")
    if is_sqlite():
        drop_indexes(BEFORE)
        for table in ("subscription", "transaction_template"):
            rebuild(table, OLD[table](), {})
        create_indexes(BEFORE)
        return
    op.alter_column("subscription", "customer_id", nullable=False)
    for table in ("subscription", "transaction_template"):
        for column in NEW[table]():
            op.drop_column(table, column.name)


def rebuild(table: str, columns: Sequence[sa.Column[Any]], filled: Mapping[str, str]) -> None:
    """Makes a table anew, with the rows that it had."""
    op.create_table(
        f"new_{table}",
        *ids(),
        *columns,
        *dates(),
        *(owners() if table == "subscription" else []),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=f"fk_{table}_store_id"),
        sa.PrimaryKeyConstraint("store_id", "id", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
    carried = [each.name for each in (*ids(), *OLD[table](), *dates())]
    names, values = ", ".join([*carried, *filled]), ", ".join([*carried, *filled.values()])
    op.execute(f'INSERT INTO "new_{table}" ({names}) SELECT {values} FROM "{table}"')  # noqa: S608
    op.drop_table(table)
    op.rename_table(f"new_{table}", table)


def add(table: str, column: sa.Column[Any]) -> None:
    """Adds a column, and what the rows that are there say in it."""
    needed = not column.nullable
    column.nullable = True
    op.add_column(table, column)
    value = FILLED[table].get(column.name)
    if value:
        value = value.replace("'1970-01-01 00:00:00'", "timestamp '1970-01-01 00:00:00'")
        op.execute(f'UPDATE "{table}" SET {column.name} = {value}')  # noqa: S608
    if needed:
        op.alter_column(table, column.name, nullable=False)


def least() -> str:
    """What stands for null in an order."""
    return "''" if is_sqlite() else "'-infinity'::timestamp without time zone"


def create_indexes(indexes: Mapping[str, Sequence[Any]]) -> None:
    for name, members in indexes.items():
        op.create_index(name, "subscription", ["store_id", *members])


def drop_indexes(indexes: Mapping[str, Sequence[Any]]) -> None:
    for name in indexes:
        op.drop_index(name, "subscription")


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
