"""Customers who move: documents as an API shows them, with two addresses and three attributes each."""

from typing import Any

Document = dict[str, Any]

DATES = ("2019-03-01T00:{0:02d}:{1:02d}-0800", "2021-07-0{2}T10:{0:02d}:{1:02d}-0700")
HASH = "$2a$05$LhayLxezLhK1LhWvKxCyLOj0j1u.Kj0jZ0pEmm134uzrQlFvQJLF6"
"""hashcat's own example: what bcrypt makes of `hashcat`."""


def customer(number: int) -> Document:
    """A customer of another shop; every tenth is a guest."""
    given, family = f"Ada{number % 97}", ("Okafor", "Núñez", "O'Brien", "Lindqvist")[number % 4]
    guest = number % 10 == 9
    return {
        "id": number,
        "last_login_date": None if guest else dates(number)["date_modified"],
        "first_name": given,
        "last_name": family,
        "email": f"{given.lower()}.{number}@mail{number % 17}.example",
        "tax_id": f"TAX-{number}" if number % 5 else None,
        "password_salt": None,
        "password_hash": None if guest else HASH,
        "password_hash_type": None if guest else "bcrypt",
        "password_hash_config": None,
        "is_anonymous": guest,
        **dates(number),
        "_embedded": {
            "fx:attributes": [_attribute(number, each) for each in range(3)],
            "fx:customer_addresses": [_address(number, name) for name in ("Home", "Work")],
        },
    }


def dates(number: int) -> Document:
    parts = (number // 60 % 60, number % 60, number % 9 + 1)
    return dict(zip(("date_created", "date_modified"), (each.format(*parts) for each in DATES), strict=True))


def _attribute(number: int, position: int) -> Document:
    name = ("Favourite colour", "Loyalty tier", "Note")[position]
    visibility = "public" if position == 0 else "private"
    return {"name": name, "value": f'"{number}" & more', "visibility": visibility, **dates(number)}


def _address(number: int, name: str) -> Document:
    return {
        "address_name": name,
        "first_name": "Ada",
        "last_name": "Okafor",
        "company": "Foxglove & Co." if name == "Work" else None,
        "address1": f"{number % 300} Market Street, Suite 8",
        "address2": "",
        "city": ("Portland", "Tromsø", "Madrid")[number % 3],
        "region": "OR",
        "postal_code": f"{10_000 + number % 89_999}",
        "country": "US",
        "phone": f"+1 555 {number:07d}",
        "is_default_billing": name == "Home",
        "is_default_shipping": name == "Work",
        "for_billing": name == "Home",
        "for_shipping": True,
        **dates(number),
    }
