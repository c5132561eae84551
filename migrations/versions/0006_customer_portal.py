"""The customer portal: a store's settings for it, and its customers' sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_portal_settings",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("allowedOrigins", sa.Text(), nullable=False),
        sa.Column("subscriptions", sa.Text(), nullable=False),
        sa.Column("sso", sa.Boolean(), nullable=False),
        sa.Column("ssoSecret", sa.String(length=1000), nullable=True),
        sa.Column("sessionLifespanInMinutes", sa.Integer(), nullable=True),
        sa.Column("signUp", sa.String(length=2000), nullable=True),
        sa.Column("jwtSharedSecret", sa.String(length=1000), nullable=True),
        sa.Column("jwtPrivateKey", sa.String(length=4000), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_customer_portal_settings_store_id")
        ),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_customer_portal_settings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_customer_portal_settings_store_id", "customer_portal_settings", ["store_id"], unique=True
    )
    op.create_table(
        "customer_session",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("lifetime", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("must_reset", sa.Boolean(), nullable=False),
        sa.Column("temporary", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customer.store_id", "customer.id"],
            name=op.f("fk_customer_session_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "hash", name=op.f("pk_customer_session")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_customer_session_store_id_customer_id", "customer_session", ["store_id", "customer_id"]
    )
    op.create_index("ix_customer_session_store_id_expires_at", "customer_session", ["store_id", "expires_at"])


def downgrade() -> None:
    op.drop_table("customer_session")
    op.drop_table("customer_portal_settings")
