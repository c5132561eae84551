"""Text that is ordered by code point, and the indexes that filters and orders go by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXTS = {
    "customer": {
        "first_name": 50,
        "last_name": 50,
        "email": 100,
        "email_key": 300,
        "tax_id": 50,
        "currency_code": 3,
        "external_id": 100,
    },
    "attribute": {"name": 500, "value": 1000, "visibility": 10},
    "customer_address": {
        "address_name": 100,
        "first_name": 50,
        "last_name": 50,
        "company": 50,
        "address1": 100,
        "address2": 100,
        "city": 50,
        "region": 50,
        "postal_code": 50,
        "country": 2,
        "phone": 50,
        "display_label": 100,
    },
    "payment_method": {"cc_type": 20, "cc_number_masked": 30, "cc_exp_month": 2, "cc_exp_year": 4},
    "item": {"name": 255, "code": 50},
}
DATES = ("date_created", "date_modified", "last_login_date")
ADDRESS = ("city", "country", "postal_code")


def upgrade() -> None:
    collate('COLLATE "C"')
    for name in ("email", "email_key", "last_name", *DATES):
        value = name if name.startswith("email") else sa.text(f"coalesce({name}, {least(name)})")
        op.create_index(walk(name), "customer", ["store_id", "is_anonymous", value, "id"])
    heads = [sa.text(f"substr({name}, 1, 64)") for name in ("name", "value")]
    op.create_index(
        "ix_attribute_store_id_name_value_customer_id", "attribute", ["store_id", *heads, "customer_id"]
    )
    for name in ADDRESS:
        op.create_index(lookup(name), "customer_address", ["store_id", name, "customer_id"])


def downgrade() -> None:
    for name in ADDRESS:
        op.drop_index(lookup(name), "customer_address")
    op.drop_index("ix_attribute_store_id_name_value_customer_id", "attribute")
    for name in ("email", "email_key", "last_name", *DATES):
        op.drop_index(walk(name), "customer")
    collate("")


def walk(name: str) -> str:
    return f"ix_customer_store_id_is_anonymous_{name}_id"


def lookup(name: str) -> str:
    return f"ix_customer_address_store_id_{name}_customer_id"


def least(name: str) -> str:
    """What stands for null in an order."""
    of_dates = "'-infinity'::timestamp without time zone" if is_postgresql() else "''"
    return of_dates if name in DATES else "''"


def collate(clause: str) -> None:
    """SQLite compares by code point anyway."""
    if is_postgresql():
        for table, columns in TEXTS.items():
            types = (f"ALTER COLUMN {name} TYPE VARCHAR({n}) {clause}" for name, n in columns.items())
            op.execute(f"ALTER TABLE {table} {', '.join(types)}")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
