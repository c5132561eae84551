"""The tables of stores, their customers and what hangs on these."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "id_block",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("next_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "kind", name=op.f("pk_id_block")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_name", sa.String(length=50), nullable=False),
        sa.Column("store_domain", sa.String(length=100), nullable=False),
        sa.Column("use_remote_domain", sa.Boolean(), nullable=False),
        sa.Column("store_url", sa.String(length=300), nullable=True),
        sa.Column("store_email", sa.String(length=300), nullable=False),
        sa.Column("from_email", sa.String(length=100), nullable=True),
        sa.Column("postal_code", sa.String(length=50), nullable=True),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("locale_code", sa.String(length=10), nullable=False),
        sa.Column("timezone", sa.String(length=50), nullable=False),
        sa.Column("language", sa.String(length=30), nullable=False),
        sa.Column("logo_url", sa.String(length=200), nullable=True),
        sa.Column("checkout_type", sa.String(length=20), nullable=False),
        sa.Column("use_single_sign_on", sa.Boolean(), nullable=False),
        sa.Column("single_sign_on_url", sa.String(length=300), nullable=True),
        sa.Column("customer_password_hash_type", sa.String(length=50), nullable=False),
        sa.Column("customer_password_hash_config", sa.String(length=100), nullable=True),
        sa.Column("app_session_time", sa.Integer(), nullable=False),
        sa.Column("is_maintenance_mode", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
        sa.UniqueConstraint("store_domain", name=op.f("uq_store_store_domain")),
    )
    op.create_table(
        "tally",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "name", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_login_date", sa.DateTime(), nullable=True),
        sa.Column("first_name", sa.String(length=50), nullable=True),
        sa.Column("last_name", sa.String(length=50), nullable=True),
        sa.Column("email", sa.String(length=100), nullable=False),
        sa.Column("email_key", sa.String(length=300), nullable=False),
        sa.Column("tax_id", sa.String(length=50), nullable=True),
        sa.Column("password_salt", sa.String(length=100), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_hash_type", sa.String(length=50), nullable=True),
        sa.Column("password_hash_config", sa.String(length=100), nullable=True),
        sa.Column("forgot_password", sa.String(length=500), nullable=True),
        sa.Column("forgot_password_timestamp", sa.DateTime(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("tax_exempt", sa.Boolean(), nullable=False),
        sa.Column("open_account", sa.Boolean(), nullable=False),
        sa.Column("enable_credit_cards", sa.Boolean(), nullable=False),
        sa.Column("enable_budgets", sa.Boolean(), nullable=False),
        sa.Column("enable_discounts", sa.Boolean(), nullable=False),
        sa.Column("force_password_reset", sa.Boolean(), nullable=False),
        sa.Column("allow_billing_address_management", sa.Boolean(), nullable=False),
        sa.Column("allow_shipping_address_management", sa.Boolean(), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_customer_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_customer")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customer_store_id_is_anonymous_id", ["store_id", "is_anonymous", "id"], unique=False
        )
        batch_op.create_index(
            "uq_customer_registered_email",
            ["store_id", "email_key"],
            unique=True,
            sqlite_where=sa.text("NOT is_anonymous"),
            postgresql_where=sa.text("NOT is_anonymous"),
        )

    op.create_table(
        "token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=30), nullable=False),
        sa.Column("client", sa.String(length=100), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_token_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_store_id"), ["store_id"], unique=False)

    op.create_table(
        "transaction_template",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_transaction_template_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_transaction_template")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attribute",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("value", sa.String(length=1000), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("client", sa.String(length=100), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customer.store_id", "customer.id"],
            name=op.f("fk_attribute_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_attribute_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_attribute")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("attribute", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attribute_store_id_customer_id_id", ["store_id", "customer_id", "id"], unique=False
        )
        batch_op.create_index(
            "uq_attribute_of_customer",
            ["store_id", "customer_id", "name", "visibility", "client"],
            unique=True,
            sqlite_where=sa.text("customer_id IS NOT NULL"),
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_attribute_of_store",
            ["store_id", "name", "visibility", "client"],
            unique=True,
            sqlite_where=sa.text("customer_id IS NULL"),
            postgresql_where=sa.text("customer_id IS NULL"),
        )

    op.create_table(
        "customer_address",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("ignore_address_restrictions", sa.Boolean(), nullable=False),
        sa.Column("address_name", sa.String(length=100), nullable=False),
        sa.Column("first_name", sa.String(length=50), nullable=True),
        sa.Column("last_name", sa.String(length=50), nullable=True),
        sa.Column("company", sa.String(length=50), nullable=True),
        sa.Column("address1", sa.String(length=100), nullable=True),
        sa.Column("address2", sa.String(length=100), nullable=True),
        sa.Column("city", sa.String(length=50), nullable=True),
        sa.Column("region", sa.String(length=50), nullable=True),
        sa.Column("postal_code", sa.String(length=50), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("phone", sa.String(length=50), nullable=True),
        sa.Column("is_default_billing", sa.Boolean(), nullable=False),
        sa.Column("is_default_shipping", sa.Boolean(), nullable=False),
        sa.Column("for_billing", sa.Boolean(), nullable=False),
        sa.Column("for_shipping", sa.Boolean(), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("display_label", sa.String(length=100), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customer.store_id", "customer.id"],
            name=op.f("fk_customer_address_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_customer_address_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_customer_address")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("customer_address", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customer_address_store_id_customer_id_id", ["store_id", "customer_id", "id"], unique=False
        )
        batch_op.create_index(
            "uq_customer_address_default_billing",
            ["store_id", "customer_id"],
            unique=True,
            sqlite_where=sa.text("is_default_billing"),
            postgresql_where=sa.text("is_default_billing"),
        )
        batch_op.create_index(
            "uq_customer_address_default_shipping",
            ["store_id", "customer_id"],
            unique=True,
            sqlite_where=sa.text("is_default_shipping"),
            postgresql_where=sa.text("is_default_shipping"),
        )
        batch_op.create_index(
            "uq_customer_address_name", ["store_id", "customer_id", "address_name"], unique=True
        )

    op.create_table(
        "payment_method",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("save_cc", sa.Boolean(), nullable=False),
        sa.Column("cc_type", sa.String(length=20), nullable=True),
        sa.Column("cc_number_masked", sa.String(length=30), nullable=True),
        sa.Column("cc_exp_month", sa.String(length=2), nullable=True),
        sa.Column("cc_exp_year", sa.String(length=4), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customer.store_id", "customer.id"],
            name=op.f("fk_payment_method_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_payment_method_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_payment_method")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("payment_method", schema=None) as batch_op:
        batch_op.create_index("uq_payment_method_customer", ["store_id", "customer_id"], unique=True)

    op.create_table(
        "subscription",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("transaction_template_id", sa.Integer(), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customer.store_id", "customer.id"],
            name=op.f("fk_subscription_store_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "transaction_template_id"],
            ["transaction_template.store_id", "transaction_template.id"],
            name=op.f("fk_subscription_store_id_transaction_template_id"),
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_subscription_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_subscription")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(
            "ix_subscription_store_id_customer_id_id", ["store_id", "customer_id", "id"], unique=False
        )

    op.create_table(
        "transaction",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customer.store_id", "customer.id"],
            name=op.f("fk_transaction_store_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_transaction_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_transaction")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("transaction", schema=None) as batch_op:
        batch_op.create_index(
            "ix_transaction_store_id_customer_id_id", ["store_id", "customer_id", "id"], unique=False
        )

    op.create_table(
        "item",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("transaction_id", sa.Integer(), nullable=True),
        sa.Column("transaction_template_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("date_created", sa.DateTime(), nullable=True),
        sa.Column("date_modified", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "transaction_id"],
            ["transaction.store_id", "transaction.id"],
            name=op.f("fk_item_store_id_transaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "transaction_template_id"],
            ["transaction_template.store_id", "transaction_template.id"],
            name=op.f("fk_item_store_id_transaction_template_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_item_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_item")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_item_store_id_transaction_id_id", ["store_id", "transaction_id", "id"], unique=False
        )
        batch_op.create_index(
            "ix_item_store_id_transaction_template_id_id",
            ["store_id", "transaction_template_id", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index("ix_item_store_id_transaction_template_id_id")
        batch_op.drop_index("ix_item_store_id_transaction_id_id")

    op.drop_table("item")
    with op.batch_alter_table("transaction", schema=None) as batch_op:
        batch_op.drop_index("ix_transaction_store_id_customer_id_id")

    op.drop_table("transaction")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_subscription_store_id_customer_id_id")

    op.drop_table("subscription")
    with op.batch_alter_table("payment_method", schema=None) as batch_op:
        batch_op.drop_index("uq_payment_method_customer")

    op.drop_table("payment_method")
    with op.batch_alter_table("customer_address", schema=None) as batch_op:
        batch_op.drop_index("uq_customer_address_name")
        batch_op.drop_index(
            "uq_customer_address_default_shipping",
            sqlite_where=sa.text("is_default_shipping"),
            postgresql_where=sa.text("is_default_shipping"),
        )
        batch_op.drop_index(
            "uq_customer_address_default_billing",
            sqlite_where=sa.text("is_default_billing"),
            postgresql_where=sa.text("is_default_billing"),
        )
        batch_op.drop_index("ix_customer_address_store_id_customer_id_id")

    op.drop_table("customer_address")
    with op.batch_alter_table("attribute", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attribute_of_store",
            sqlite_where=sa.text("customer_id IS NULL"),
            postgresql_where=sa.text("customer_id IS NULL"),
        )
        batch_op.drop_index(
            "uq_attribute_of_customer",
            sqlite_where=sa.text("customer_id IS NOT NULL"),
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_attribute_store_id_customer_id_id")

    op.drop_table("attribute")
    op.drop_table("transaction_template")
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_store_id"))

    op.drop_table("token")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_customer_registered_email",
            sqlite_where=sa.text("NOT is_anonymous"),
            postgresql_where=sa.text("NOT is_anonymous"),
        )
        batch_op.drop_index("ix_customer_store_id_is_anonymous_id")

    op.drop_table("customer")
    op.drop_table("tally")
    op.drop_table("store")
    op.drop_table("id_block")
