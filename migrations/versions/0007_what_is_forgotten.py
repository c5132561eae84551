"""By which tokens and codes are found that ended long ago."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index("ix_token_client_row")
        batch_op.create_index(
            "ix_token_client_row_kind_expires_at", ["client_row", "kind", "expires_at"], unique=False
        )
    with op.batch_alter_table("authorization_code", schema=None) as batch_op:
        batch_op.drop_index("ix_authorization_code_client_row")
        batch_op.create_index(
            "ix_authorization_code_client_row_used_at_expires_at",
            ["client_row", "used_at", "expires_at"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("authorization_code", schema=None) as batch_op:
        batch_op.drop_index("ix_authorization_code_client_row_used_at_expires_at")
        batch_op.create_index("ix_authorization_code_client_row", ["client_row"], unique=False)
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index("ix_token_client_row_kind_expires_at")
        batch_op.create_index("ix_token_client_row", ["client_row"], unique=False)
