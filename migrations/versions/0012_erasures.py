"""The list of erasures: which customers a backup from before must forget when it is restored."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "customer_id", name=op.f("pk_erasure")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("erasure")
