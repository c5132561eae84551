"""OAuth clients, users and their stores; tokens of every scope, and the codes that become tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("redirect_uri", sa.String(length=200), nullable=False),
        sa.Column("project_name", sa.String(length=200), nullable=False),
        sa.Column("project_description", sa.String(length=200), nullable=True),
        sa.Column("company_name", sa.String(length=200), nullable=False),
        sa.Column("company_url", sa.String(length=200), nullable=True),
        sa.Column("company_logo", sa.String(length=200), nullable=True),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=200), nullable=False),
        sa.Column("contact_phone", sa.String(length=200), nullable=False),
        sa.Column("javascript_origin_uri", sa.String(length=200), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_client_client_id")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=50), nullable=False),
        sa.Column("last_name", sa.String(length=50), nullable=False),
        sa.Column("email", sa.String(length=100), nullable=False),
        sa.Column("email_key", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=50), nullable=True),
        sa.Column("is_programmer", sa.Boolean(), nullable=False),
        sa.Column("is_front_end_developer", sa.Boolean(), nullable=False),
        sa.Column("is_designer", sa.Boolean(), nullable=False),
        sa.Column("is_merchant", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email_key", name=op.f("uq_user_email_key")),
    )
    op.create_table(
        "authorization_code",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("grant_id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=30), nullable=False),
        sa.Column("client_row", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=True),
        sa.Column("redirect_uri", sa.String(length=200), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_row"], ["client.id"], name=op.f("fk_authorization_code_client_row"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_authorization_code_store_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_authorization_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_authorization_code")),
    )
    with op.batch_alter_table("authorization_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authorization_code_client_row"), ["client_row"], unique=False)
        batch_op.create_index(batch_op.f("ix_authorization_code_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_authorization_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "user_store",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_user_store_store_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_store_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "store_id", name=op.f("pk_user_store")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("user_store", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_store_store_id"), ["store_id"], unique=False)

    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grant_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("kind", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("client_row", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
    # tokens that are there already each stand for themselves
    op.execute(sa.text("UPDATE token SET kind = 'access', grant_id = substr(hash, 1, 32)"))
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.alter_column("grant_id", existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column("kind", existing_type=sa.String(length=10), nullable=False)
        batch_op.alter_column("store_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_index(batch_op.f("ix_token_client_row"), ["client_row"], unique=False)
        batch_op.create_index(batch_op.f("ix_token_grant_id"), ["grant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_token_user_id"), ["user_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_token_client_row"), "client", ["client_row"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_token_user_id"), "user", ["user_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM token WHERE kind <> 'access' OR store_id IS NULL"))
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_token_user_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_token_client_row"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_token_user_id"))
        batch_op.drop_index(batch_op.f("ix_token_grant_id"))
        batch_op.drop_index(batch_op.f("ix_token_client_row"))
        batch_op.alter_column("store_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("user_id")
        batch_op.drop_column("client_row")
        batch_op.drop_column("kind")
        batch_op.drop_column("grant_id")

    with op.batch_alter_table("user_store", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_store_store_id"))

    op.drop_table("user_store")
    with op.batch_alter_table("authorization_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authorization_code_user_id"))
        batch_op.drop_index(batch_op.f("ix_authorization_code_store_id"))
        batch_op.drop_index(batch_op.f("ix_authorization_code_client_row"))

    op.drop_table("authorization_code")
    op.drop_table("user")
    op.drop_table("client")
