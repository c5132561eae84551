"""Transactions and items in full, and attributes of transactions and of subscriptions.

SQLite adds no foreign keys to a table that is there: there the tables are made anew, and filled.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def text(length: int) -> sa.types.TypeEngine[Any]:
    return sa.String(length).with_variant(sa.VARCHAR(length, collation="C"), "postgresql")


def owner(table: str, key: str, of: str, *, cascade: bool) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["store_id", key],
        [f"{of}.store_id", f"{of}.id"],
        name=f"fk_{table}_store_id_{key}",
        ondelete="CASCADE" if cascade else None,
    )


def ids() -> list[sa.Column[Any]]:
    names = ("store_id", "id", "version")
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]


def dates() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime()) for name in ("date_created", "date_modified")]


def numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer()) for name in names]


OLD = {
    "transaction": lambda: numbers("customer_id"),
    "item": lambda: [
        *numbers("transaction_id", "transaction_template_id"),
        sa.Column("name", text(255), nullable=False),
        sa.Column("code", text(50)),
        sa.Column("quantity", sa.Integer(), nullable=False),
    ],
    "attribute": lambda: [
        *numbers("customer_id"),
        sa.Column("name", text(500), nullable=False),
        sa.Column("value", text(1000), nullable=False),
        sa.Column("visibility", text(10), nullable=False),
        sa.Column("client", sa.String(100), nullable=False),
    ],
}

TEXTS = {
    "locale_code": 10,
    "customer_first_name": 50,
    "customer_last_name": 50,
    "customer_tax_id": 50,
    "customer_email": 100,
    "customer_ip": 45,
    "ip_country": 100,
    "user_agent": 500,
    "currency_code": 3,
    "currency_symbol": 10,
}
FLAGS = ("is_test", "hide_transaction", "data_is_fed")
TOTALS = (
    "total_item_price", "total_tax", "total_shipping", "total_future_shipping", "total_order",
    "total_discount",
)  # fmt: skip
WORDS = {
    "status": (20, "completed"),
    "type": (30, ""),
    "source": (40, "cit_ecommerce"),
    "payment_method_type": (20, ""),
}

NEW = {
    "transaction": lambda: [
        *numbers("subscription_id"),
        sa.Column("display_id", text(50), nullable=False),
        sa.Column("transaction_date", sa.DateTime(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in FLAGS),
        *(sa.Column(name, text(length)) for name, length in TEXTS.items()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in TOTALS),
        *(sa.Column(name, text(length), nullable=False) for name, (length, _) in WORDS.items()),
    ],
    "item": lambda: [
        sa.Column("price", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, text(length))
            for name, length in {"parent_code": 50, "shipto": 100, "url": 300, "image": 300}.items()
        ),
    ],
    "attribute": lambda: numbers("transaction_id", "subscription_id"),
}

FILLED: Mapping[str, Mapping[str, str]] = {
    "transaction": {
        "display_id": "CAST(id AS VARCHAR(50))",
        "transaction_date": "coalesce(date_created, '1970-01-01 00:00:00')",
        **dict.fromkeys(FLAGS, "false"),
        **dict.fromkeys(TOTALS, "0"),
        **{name: f"'{word}'" for name, (_, word) in WORDS.items()},
    },
    "item": {"price": "0"},
    "attribute": {},
}
"""What the rows that are there say in the new columns that take no null."""

OLD_OWNERS = {
    "transaction": lambda: [owner("transaction", "customer_id", "customer", cascade=False)],
    "item": lambda: [
        owner("item", f"{of}_id", of, cascade=True) for of in ("transaction", "transaction_template")
    ],
    "attribute": lambda: [owner("attribute", "customer_id", "customer", cascade=True)],
}
NEW_OWNERS = {
    "transaction": lambda: [owner("transaction", "subscription_id", "subscription", cascade=False)],
    "item": list,
    "attribute": lambda: [
        owner("attribute", f"{of}_id", of, cascade=True) for of in ("transaction", "subscription")
    ],
}

HEADS = [sa.text(f"substr({name}, 1, 64)") for name in ("name", "value")]
OF_STORE = "customer_id IS NULL AND transaction_id IS NULL AND subscription_id IS NULL"

KEPT: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "transaction": {"ix_transaction_store_id_customer_id_id": ["customer_id", "id"]},
    "item": {
        "ix_item_store_id_transaction_id_id": ["transaction_id", "id"],
        "ix_item_store_id_transaction_template_id_id": ["transaction_template_id", "id"],
    },
    "attribute": {"ix_attribute_store_id_customer_id_id": ["customer_id", "id"]},
}
ADDED: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "transaction": {
        "ix_transaction_store_id_subscription_id_id": ["subscription_id", "id"],
        "ix_transaction_store_id_status_id": ["status", "id"],
        "ix_transaction_store_id_transaction_date_id": ["transaction_date", "id"],
        "ix_transaction_store_id_total_order_id": ["total_order", "id"],
    },
    "item": {
        f"ix_item_store_id_{name}_transaction_id": [name, "transaction_id"] for name in ("code", "name")
    },
    "attribute": {
        "ix_attribute_store_id_transaction_id_id": ["transaction_id", "id"],
        "ix_attribute_store_id_subscription_id_id": ["subscription_id", "id"],
        "ix_attribute_of_store_id": ["customer_id", "transaction_id", "subscription_id", "id"],
        "ix_attribute_store_id_name_value": [*HEADS, "customer_id", "transaction_id", "subscription_id"],
    },
}
DROPPED: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "transaction": {},
    "item": {},
    "attribute": {"ix_attribute_store_id_name_value_customer_id": [*HEADS, "customer_id"]},
}
TABLES = ("transaction", "item", "attribute")


def upgrade() -> None:
    op.drop_index("uq_attribute_of_store", "attribute")
    for table in TABLES:
        drop_indexes(table, DROPPED[table])
        if is_sqlite():
            drop_indexes(table, KEPT[table])
            rebuild(table, [*OLD[table](), *NEW[table]()], [*OLD_OWNERS[table](), *NEW_OWNERS[table]()])
            create_indexes(table, KEPT[table])
        else:
            for column in NEW[table]():
                add(table, column)
            for constraint in NEW_OWNERS[table]():
                op.create_foreign_key(
                    constraint.name,
                    table,
                    constraint.elements[0].target_fullname.partition(".")[0],
                    constraint.column_keys,
                    ["store_id", "id"],
                    ondelete=constraint.ondelete,
                )
        create_indexes(table, ADDED[table])
    walks = {name: sa.text(f"coalesce({name}, {least(name)})") for name in WALKED}
    for name, value in walks.items():
        op.create_index(walk(name), "transaction", ["store_id", value, "id"])
    if is_sqlite():
        create_unique("customer", "customer_id IS NOT NULL")
    for of in ("transaction", "subscription"):
        create_unique(of, f"{of}_id IS NOT NULL")
    create_unique("store", OF_STORE)


def downgrade() -> None:
    op.execute("DELETE FROM attribute WHERE transaction_id IS NOT NULL OR subscription_id IS NOT NULL")
    for of in ("transaction", "subscription", "store"):
        op.drop_index(f"uq_attribute_of_{of}", "attribute")
    for name in WALKED:
        op.drop_index(walk(name), "transaction")
    for table in reversed(TABLES):
        drop_indexes(table, ADDED[table])
        if is_sqlite():
            drop_indexes(table, KEPT[table])
            rebuild(table, OLD[table](), OLD_OWNERS[table](), filled={})
            create_indexes(table, KEPT[table])
        else:
            for constraint in NEW_OWNERS[table]():
                op.drop_constraint(constraint.name, table)
            for column in NEW[table]():
                op.drop_column(table, column.name)
        create_indexes(table, DROPPED[table])
    if is_sqlite():
        create_unique("customer", "customer_id IS NOT NULL")
    create_unique("store", "customer_id IS NULL")


WALKED = ("date_created", "date_modified", "customer_email")


def walk(name: str) -> str:
    return f"ix_transaction_store_id_{name}_id"


def least(name: str) -> str:
    """What stands for null in an order."""
    return "''" if is_sqlite() or name == "customer_email" else "'-infinity'::timestamp without time zone"


def rebuild(
    table: str,
    columns: Sequence[sa.Column[Any]],
    owners: Sequence[sa.ForeignKeyConstraint],
    filled: Mapping[str, str] | None = None,
) -> None:
    """Makes a table anew, with the rows that it had."""
    op.create_table(
        f"new_{table}",
        *ids(),
        *columns,
        *dates(),
        *owners,
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=f"fk_{table}_store_id"),
        sa.PrimaryKeyConstraint("store_id", "id", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
    filled = FILLED[table] if filled is None else filled
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
    if needed:
        op.execute(f'UPDATE "{table}" SET {column.name} = {value_of(table, column)}')  # noqa: S608
        op.alter_column(table, column.name, nullable=False)


def value_of(table: str, column: sa.Column[Any]) -> str:
    value = FILLED[table][column.name]
    return value.replace("'1970-01-01 00:00:00'", "timestamp '1970-01-01 00:00:00'")


def create_unique(of: str, where: str) -> None:
    keys = [] if of == "store" else [f"{of}_id"]
    op.create_index(
        f"uq_attribute_of_{of}",
        "attribute",
        ["store_id", *keys, "name", "visibility", "client"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def create_indexes(table: str, indexes: Mapping[str, Sequence[Any]]) -> None:
    for name, members in indexes.items():
        op.create_index(name, table, ["store_id", *members])


def drop_indexes(table: str, indexes: Mapping[str, Sequence[Any]]) -> None:
    for name in indexes:
        op.drop_index(name, table)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
