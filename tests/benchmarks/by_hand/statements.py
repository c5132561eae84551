"""The SQL that both engines share: which columns a document is made of, and of which rows."""

from tests.benchmarks.documents import STORE_ID

CUSTOMER_COLUMNS = (
    "id, last_login_date, first_name, last_name, email, tax_id, password_salt, password_hash,"
    " password_hash_type, password_hash_config, forgot_password, forgot_password_timestamp, is_anonymous,"
    " date_created, date_modified, is_active, currency_code, external_id, tax_exempt, open_account,"
    " enable_credit_cards, enable_budgets, enable_discounts, force_password_reset,"
    " allow_billing_address_management, allow_shipping_address_management"
)
ATTRIBUTE_COLUMNS = "customer_id, id, name, value, visibility, date_created, date_modified"
ADDRESS_COLUMNS = (
    "customer_id, id, ignore_address_restrictions, address_name, first_name, last_name, company,"
    " address1, address2, city, region, postal_code, country, phone, is_default_billing,"
    " is_default_shipping, for_billing, for_shipping, is_locked, display_label, date_created, date_modified"
)
CARD_COLUMNS = (
    "customer_id, save_cc, cc_type, cc_number_masked, cc_exp_month, cc_exp_year, date_created, date_modified"
)
WRITABLE = frozenset({"tax_id", "currency_code", "external_id"})
"""Columns from which no other follows."""

ONE = f"SELECT {CUSTOMER_COLUMNS} FROM customer WHERE store_id = {STORE_ID} AND id = "
_REGISTERED = f"FROM customer WHERE store_id = {STORE_ID} AND NOT is_anonymous"
_TOTAL = f"(SELECT rows FROM tally WHERE store_id = {STORE_ID} AND name = 'customer:false')"
PAGE = f"SELECT {CUSTOMER_COLUMNS}, {_TOTAL} {_REGISTERED} ORDER BY id LIMIT {{0}} OFFSET {{0}}"
DEEP = (
    f"SELECT {CUSTOMER_COLUMNS}, {_TOTAL} FROM customer WHERE store_id = {STORE_ID} AND id IN"
    f" (SELECT id {_REGISTERED} ORDER BY id LIMIT {{0}} OFFSET {{0}}) ORDER BY id"
)
"""The same where the offset is large: rows are passed over in the index, without a look at the table."""
SEARCH = f"SELECT {CUSTOMER_COLUMNS} {_REGISTERED} AND email_key = {{0}} ORDER BY id LIMIT {{0}} OFFSET {{0}}"
COUNT = f"SELECT COUNT(*) {_REGISTERED} AND email_key = {{0}}"
OWNED = f"WHERE store_id = {STORE_ID} AND customer_id"
UPDATE = (
    "UPDATE customer SET {1}, version = version + 1, date_modified = {0}"
    f" WHERE store_id = {STORE_ID} AND id = {{0}}"
)


def update(mark: str, names: list[str]) -> str:
    """The statement that sets these columns, and notes that it has.

    :raises KeyError: for what may not be written.
    """
    if not WRITABLE.issuperset(names):
        raise KeyError(names)
    return UPDATE.format(mark, ", ".join(f"{name} = {mark}" for name in names))
