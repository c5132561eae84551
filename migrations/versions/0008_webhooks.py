"""Webhooks: events, what becomes of them, and each attempt to tell them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("resource_type", sa.String(length=20), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_event")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_of_resource", ["store_id", "resource_type", "resource_id", "sequence"], unique=False
        )

    op.create_table(
        "webhook",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.VARCHAR(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "format",
            sa.String(length=20).with_variant(sa.VARCHAR(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("payload_version", sa.Integer(), nullable=False),
        sa.Column(
            "url",
            sa.String(length=1000).with_variant(sa.VARCHAR(length=1000, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("query", sa.String(length=1000), nullable=True),
        sa.Column("encryption_key", sa.String(length=6000), nullable=True),
        sa.Column(
            "event_resource",
            sa.String(length=20).with_variant(sa.VARCHAR(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("is_active", sa.Integer(), nullable=False),
        sa.Column("exhausted", sa.Integer(), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_webhook_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_webhook")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.create_index(
            "ix_webhook_store_id_event_resource", ["store_id", "event_resource"], unique=False
        )

    op.create_table(
        "webhook_log",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column(
            "resource_type",
            sa.String(length=20).with_variant(sa.VARCHAR(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column(
            "response_code",
            sa.String(length=20).with_variant(sa.VARCHAR(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "webhook_id"],
            ["webhook.store_id", "webhook.id"],
            name=op.f("fk_webhook_log_store_id_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_webhook_log_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_webhook_log")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("webhook_log", schema=None) as batch_op:
        batch_op.create_index(
            "ix_webhook_log_store_id_webhook_id_id", ["store_id", "webhook_id", "id"], unique=False
        )

    op.create_table(
        "webhook_status",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column(
            "resource_type",
            sa.String(length=20).with_variant(sa.VARCHAR(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column(
            "event",
            sa.String(length=40).with_variant(sa.VARCHAR(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.String(length=10).with_variant(sa.VARCHAR(length=10, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "webhook_id"],
            ["webhook.store_id", "webhook.id"],
            name=op.f("fk_webhook_status_store_id_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_webhook_status_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_webhook_status")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("webhook_status", schema=None) as batch_op:
        batch_op.create_index(
            "ix_webhook_status_due",
            ["store_id", "webhook_id", "next_at"],
            unique=False,
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
        batch_op.create_index(
            "ix_webhook_status_in_order",
            ["store_id", "webhook_id", "resource_type", "resource_id", "sequence", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
        batch_op.create_index(
            "ix_webhook_status_store_id_webhook_id_id", ["store_id", "webhook_id", "id"], unique=False
        )

    for table in ("webhook_log", "webhook_status"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(
                f"ix_{table}_store_id_webhook_id_resource_id_id",
                ["store_id", "webhook_id", "resource_id", "id"],
                unique=False,
            )
        date = sa.text(f"coalesce(date_created, {least_date()})")
        op.create_index(
            f"ix_{table}_store_id_webhook_id_date_created_id", table, ["store_id", "webhook_id", date, "id"]
        )


def least_date() -> str:
    """What stands for null in an order of dates."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    return "'-infinity'::timestamp without time zone" if is_postgresql else "''"


def downgrade() -> None:
    for table in ("webhook_log", "webhook_status"):
        op.drop_index(f"ix_{table}_store_id_webhook_id_date_created_id", table)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f"ix_{table}_store_id_webhook_id_resource_id_id")
    with op.batch_alter_table("webhook_status", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_status_store_id_webhook_id_id")
        batch_op.drop_index(
            "ix_webhook_status_in_order",
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
        batch_op.drop_index(
            "ix_webhook_status_due",
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )

    op.drop_table("webhook_status")
    with op.batch_alter_table("webhook_log", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_log_store_id_webhook_id_id")

    op.drop_table("webhook_log")
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_store_id_event_resource")

    op.drop_table("webhook")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_of_resource")

    op.drop_table("event")
