"""A store at Foxy's, with what such stores hold: the seed's customer, many hash types, guests, odd values."""

import hashlib
from typing import Any

from app.passwords import hash_password
from tests.pulling.foxy import Foxy

PASSWORD = "correct horse"
FIRST_GUEST, GUESTS = 900, 7
FAULTY_EMAIL, UNKNOWN_HASH, MANY_ADDRESSES, MANY_ATTRIBUTES, BAD_REGION = 131, 132, 133, 134, 135
NO_HASH, KNOWN = 136, 139
WELL_HASHED = {"phpass": "8", "sha256_salted_suffix": "48", "sha1_salted_suffix": "40", "bcrypt": "4",
               "pbkdf2": "1000, 32, sha256", "md5": None, "argon2id": None, "drupal": "7"}  # fmt: skip
CREATED = "2019-09-13T12:08:02-0500"
DATES = {"date_created": CREATED, "date_modified": CREATED}

SEED = {
    "last_login_date": None,
    "first_name": "Test",
    "last_name": "User",
    "email": "luke.stokes+apitest998@example.com",
    "password_salt": None,
    "password_hash": "4443fe50df6b177ba84b78dd91f0958a",
    "password_hash_type": "md5",
    "password_hash_config": None,
    "forgot_password": "blah",
    "forgot_password_timestamp": "2013-08-16T14:13:54-0700",
    "is_anonymous": False,
    "date_created": None,
    "date_modified": "2013-08-16T14:13:54-0700",
}
"""The customer of the seed document, which shows no id."""


def foxglove(customers: int = 60, **options: Any) -> Foxy:
    """The store."""
    foxy = Foxy(**options)
    foxy.customers[115] = dict(SEED)
    for number, (hash_type, config) in enumerate(WELL_HASHED.items()):
        foxy.customers[116 + number] = customer(116 + number) | hashed(hash_type, config)
    for own in range(130, 115 + customers):
        foxy.customers[own] = customer(own)
    foxy.customers[FAULTY_EMAIL]["email"] = "nobody at all"
    foxy.customers[UNKNOWN_HASH]["password_hash_type"] = "zend_magic"
    foxy.customers[130] |= {"some_new_property": {"of": "theirs"}, "date_created": "0000-00-00"}
    for name in [each for each in foxy.customers.get(NO_HASH, {}) if each.startswith("password")]:
        del foxy.customers[NO_HASH][name]
    for own in range(FIRST_GUEST, FIRST_GUEST + GUESTS):
        foxy.customers[own] = customer(own) | {"is_anonymous": 1, "email": "guest@example.com"}
    addresses = foxy.belongings.setdefault("addresses", {})
    addresses[130] = [address(1, is_default_billing=True, is_default_shipping=True)]
    addresses[MANY_ADDRESSES] = [address(10 + number) for number in range(45)]
    addresses[BAD_REGION] = [address(80, region="ZQ"), address(81, city="Ames")]
    attributes = foxy.belongings.setdefault("attributes", {})
    attributes[130] = [attribute(1, "Shoe size", "44")]
    attributes[MANY_ATTRIBUTES] = [
        attribute(10 + number, f"Name {number}", str(number)) for number in range(43)
    ]
    card = {"save_cc": 1, "cc_type": "Visa", "cc_number_masked": "xxxxxxxxxxxx1111", "cc_exp_month": "09",
            "cc_exp_year": "2021", "date_created": CREATED, "date_modified": CREATED}  # fmt: skip
    foxy.cards[130] = card
    _add_purchases(foxy)
    return foxy


def customer(own: int) -> dict[str, Any]:
    return {
        "id": own, "last_login_date": None, "first_name": f"Given{own}", "last_name": "Name", "tax_id": "",
        "email": f"c{own}@example.com", "password_salt": "", "password_hash": "0" * 32,
        "password_hash_type": "md5", "password_hash_config": None, "forgot_password": "",
        "forgot_password_timestamp": None, "is_anonymous": False, **DATES,
    }  # fmt: skip


def hashed(hash_type: str, config: str | None) -> dict[str, Any]:
    """As Foxy shows such a hash; a config is text, or a number."""
    made = hash_password(PASSWORD, hash_type, config)
    shown = int(config) if hash_type == "bcrypt" and config else config
    return {"password_hash": made.hash, "password_salt": made.salt or "", "password_hash_type": hash_type,
            "password_hash_config": shown}  # fmt: skip


def address(own: int, **more: Any) -> dict[str, Any]:
    return {
        "id": own, "ignore_address_restrictions": False, "address_name": f"Place {own}",
        "first_name": "Given", "last_name": "", "company": None, "address1": f"{own} Row", "address2": "",
        "city": "Bend", "region": "OR", "postal_code": 97701, "country": "US", "phone": "",
        "is_default_billing": False, "is_default_shipping": False, **DATES, **more,
    }  # fmt: skip


def attribute(own: int, name: str, value: str) -> dict[str, Any]:
    return {"id": own, "name": name, "value": value, "visibility": "private", "date_created": CREATED,
            "date_modified": CREATED}  # fmt: skip


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def _add_purchases(foxy: Foxy) -> None:
    item = {"name": "A book", "price": "12.50", "quantity": "2", "code": "BK-1", "weight": "1.2"}
    for number in range(1, 31):
        foxy.transactions[number] = {
            "customer": 130 if number % 2 else FIRST_GUEST, "items": [{"id": number, **item}],
            "display_id": number, "is_test": 0, "hide_transaction": False, "data_is_fed": True,
            "transaction_date": CREATED, "locale_code": "en_US",
            "customer_email": "c130@example.com", "customer_ip": "203.0.113.7",
            "total_item_price": "25.00", "total_tax": "0", "total_shipping": "5.95",
            "total_future_shipping": 0, "total_order": 30.95, "status": "captured", "type": "",
            "source": "cit_ecommerce", "currency_code": "USD", "currency_symbol": "$",
            "folder_id": None, "date_created": CREATED, "date_modified": CREATED,
        }  # fmt: skip
    foxy.transactions[1] |= {"subscription": 5}
    foxy.transactions[2] |= {"items": [{"id": 100 + number, **item} for number in range(30)]}
    foxy.transactions[3] |= {"customer": 4711}  # who was deleted
    foxy.transactions[6] |= {"customer": KNOWN}
    foxy.transactions[7] |= {"user_agent": "no\x00thing"}
    foxy.subscriptions[5] = {
        "customer": 130, "last": 1, "items": [{"id": 1, **item}], "start_date": CREATED,
        "next_transaction_date": "2031-01-13T00:00:00-0600", "end_date": "0000-00-00", "frequency": "1m",
        "error_message": "", "past_due_amount": "0.00", "first_failed_transaction_date": None,
        "is_active": True, "third_party_id": "", "payment_type": "plastic",
        "date_created": CREATED, "date_modified": CREATED,
    }  # fmt: skip
