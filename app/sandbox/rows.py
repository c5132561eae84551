"""The rows of the sandbox: what hAPI documents of customer 115, and people who might shop beside."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import bcrypt
from sqlalchemy import null

from app.db.tables import StoreRow
from app.emails import fold_email
from app.encryption import Cipher
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.customer_portal_settings import CustomerPortalSettings
from app.resources.payment_method import PaymentMethod
from app.resources.store import Store
from app.sandbox.people import BOOKSHOP, OUTFITTER, Person

STORE_ID = 66
OTHER_STORE_ID = 67
CUSTOMER_ID = 115
CLIENT = "sandbox"
PASSWORD = "correct horse battery staple"
"""The password of the sandbox's registered customers, but for customer 115, whose hash is hAPI's."""
CUSTOMER_EMAIL = BOOKSHOP[0].email
"""Whoever tries the portal may sign in as this customer of store 66."""

_OPENED = datetime(2024, 1, 8, 9, 30, tzinfo=UTC)
_TIERS = ("bronze", "silver", "gold")
_CARDS = (
    ("visa", "xxxxxxxxxxxx1111"),
    ("mastercard", "xxxxxxxxxxxx4444"),
    ("amex", "xxxxxxxxxxx0005"),
    ("discover", "xxxxxxxxxxxx1117"),
)


def stores() -> Iterator[Store]:
    """The two stores."""
    yield Store(
        id=STORE_ID,
        store_name="The Foxglove Bookshop",
        store_domain="foxglove.example",
        store_url="https://www.foxglove.example/",
        store_email="hello@foxglove.example",
        from_email="orders@foxglove.example",
        postal_code="97205",
        region="OR",
        country="US",
        date_created=_OPENED,
        date_modified=_OPENED,
    )
    yield Store(
        id=OTHER_STORE_ID,
        store_name="Nordlys Outfitters",
        store_domain="nordlys.example",
        store_email="hei@nordlys.example",
        postal_code="9008",
        country="NO",
        locale_code="nb_NO",
        timezone="Europe/Oslo",
        checkout_type="default_guest",
        date_created=_OPENED,
        date_modified=_OPENED,
    )


def portal(cipher: Cipher) -> StoreRow:
    """The portal of store 66: pages on this machine may use it, and whoever likes may register."""
    return CustomerPortalSettings(
        id=1,
        allowedOrigins=["http://localhost:8080", "http://localhost:5173", "http://127.0.0.1:8080"],
        sessionLifespanInMinutes=720,
        signUp=cipher.encrypt('{"enabled":true,"verification":null}'),
        jwtSharedSecret=cipher.encrypt("the sandbox signs its customers' tokens with this secret"),
        date_created=_OPENED,
        date_modified=_OPENED,
    )


def documented(cipher: Cipher) -> Iterator[StoreRow]:
    """Customer 115 as hAPI's documentation shows it, with what its links lead to."""
    shown = datetime(2013, 8, 16, 21, 13, 54, tzinfo=UTC)
    yield Customer(
        id=CUSTOMER_ID,
        first_name="Test",
        last_name="User",
        email="luke.stokes+apitest998@example.com",
        email_key=fold_email("luke.stokes+apitest998@example.com"),
        password_hash="4443fe50df6b177ba84b78dd91f0958a",
        password_hash_type="md5",
        forgot_password=cipher.encrypt("blah"),
        forgot_password_timestamp=shown,
        date_created=null(),
        date_modified=shown,
    )
    for name, value, visibility in (
        ("Favourite colour", "teal", "public"),
        ("Loyalty tier", "gold", "private"),
        ("ERP reference", "C-000115", "restricted"),
    ):
        client = CLIENT if visibility == "restricted" else ""
        yield _attribute(CUSTOMER_ID, name, value, shown, visibility=visibility, client=client)
    home = Person(
        "Test", "User", "", "315 Fifth Avenue", "Murfreesboro", "TN", "37130", "US", "+1 615 555 0100"
    )
    work = Person("Test", "User", "", "1 Market Street, Suite 8", "San Francisco", "CA", "94105", "US")
    aunt = Person("Zoë", "Núñez", "", "Calle de la Palma 3", "Madrid", "MD", "28004", "ES")
    yield _address(CUSTOMER_ID, home, "Home", shown, is_default_billing=True, for_billing=True)
    yield _address(CUSTOMER_ID, work, "Work", shown, is_default_shipping=True, company="Foxglove & Co.")
    yield _address(CUSTOMER_ID, aunt, "Aunt Zoë", shown)
    yield _card(CUSTOMER_ID, 0, shown)


def bookshop() -> Iterator[StoreRow]:
    """The other customers of store 66; the last of those registered has 25 attributes."""
    for number, person in enumerate(BOOKSHOP):
        yield from _registered(CUSTOMER_ID + 1 + number, number, person)
    last = CUSTOMER_ID + len(BOOKSHOP)
    for number in range(25):
        yield _attribute(
            last, f"Measurement {number + 1:02d}", str(40 + number), _OPENED, visibility="public"
        )
    yield _attribute(None, "Opening hours", "Mon-Sat 9-18", _OPENED, visibility="public")
    guests = (*BOOKSHOP[:3], BOOKSHOP[0], BOOKSHOP[0], *BOOKSHOP[20:25])
    yield from _guests(last + 1, guests)


def outfitter() -> Iterator[StoreRow]:
    """The customers of the other store, one of whom has the same id as the documented one."""
    for number, person in enumerate(OUTFITTER[:-1]):
        yield from _registered(201 + number, number, person)
    yield from _registered(CUSTOMER_ID, 3, OUTFITTER[-1])
    yield from _guests(230, (OUTFITTER[0], OUTFITTER[0], OUTFITTER[5]))


def _registered(customer_id: int, number: int, person: Person) -> Iterator[StoreRow]:
    created = _OPENED + timedelta(days=11 * number, hours=number % 9, minutes=7 * number % 60)
    modified = created + timedelta(days=number % 5, minutes=13)
    hashed = _HASHES[number % len(_HASHES)](f"{customer_id:021d}e")
    yield Customer(
        id=customer_id,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        email_key=fold_email(person.email),
        tax_id=f"TAX-{customer_id}" if number % 7 == 0 else None,
        last_login_date=modified if number % 3 else None,
        password_hash_type=hashed.type,
        password_hash=hashed.hash,
        password_salt=hashed.salt,
        password_hash_config=hashed.config,
        currency_code="EUR" if number % 4 == 1 else None,
        external_id=f"ERP-{customer_id:06d}" if number % 2 else None,
        open_account=number % 6 == 5,
        tax_exempt=number % 10 == 9,
        date_created=created,
        date_modified=modified,
    )
    if person.address1:
        yield _address(
            customer_id, person, "Home", created, is_default_billing=True, is_default_shipping=number % 2 == 0
        )
    if person.address1 and number % 2:
        yield _address(
            customer_id, person, "Office", created, is_default_shipping=True, company="Example Ltd."
        )
    if number % 3 == 0:
        yield _attribute(customer_id, "Loyalty tier", _TIERS[number % len(_TIERS)], created)
    if number % 4 == 0:
        yield _card(customer_id, number, created)


def _guests(first_id: int, people: Sequence[Person]) -> Iterator[StoreRow]:
    """Guests: each checkout makes a new one, so an email may stand several times."""
    for number, person in enumerate(people):
        when = _OPENED + timedelta(days=100 + 9 * number, hours=3)
        yield Customer(
            id=first_id + number,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            email_key=fold_email(person.email),
            is_anonymous=True,
            date_created=when,
            date_modified=when,
        )


def _address(
    customer_id: int,
    person: Person,
    name: str,
    when: datetime,
    *,
    company: str | None = None,
    is_default_billing: bool = False,
    is_default_shipping: bool = False,
    for_billing: bool = False,
) -> CustomerAddress:
    return CustomerAddress(
        customer_id=customer_id,
        address_name=name,
        first_name=person.first_name,
        last_name=person.last_name,
        company=company,
        address1=person.address1,
        city=person.city,
        region=person.region or None,
        postal_code=person.postal_code,
        country=person.country,
        phone=person.phone or None,
        is_default_billing=is_default_billing,
        is_default_shipping=is_default_shipping,
        for_billing=for_billing or is_default_billing,
        for_shipping=True,
        date_created=when,
        date_modified=when,
    )


def _attribute(
    customer_id: int | None,
    name: str,
    value: str,
    when: datetime,
    *,
    visibility: str = "private",
    client: str = "",
) -> Attribute:
    return Attribute(
        customer_id=customer_id,
        name=name,
        value=value,
        visibility=visibility,
        client=client,
        date_created=when,
        date_modified=when,
    )


def _card(customer_id: int, number: int, when: datetime) -> PaymentMethod:
    kind, masked = _CARDS[number % len(_CARDS)]
    return PaymentMethod(
        customer_id=customer_id,
        save_cc=True,
        cc_type=kind,
        cc_number_masked=masked,
        cc_exp_month=f"{number % 12 + 1:02d}",
        cc_exp_year=str(2030 + number % 3),
        date_created=when,
        date_modified=when,
    )


@dataclass(frozen=True, slots=True)
class _Hashed:
    type: str
    hash: str
    salt: str | None = None
    config: str | None = None


def _bcrypt(salt: str) -> _Hashed:
    """At bcrypt's lowest cost: the sandbox should be there at once."""
    hashed = bcrypt.hashpw(PASSWORD.encode(), f"$2b$04${salt}".encode())
    return _Hashed("bcrypt", hashed.decode(), None, "4")


def _sha256(salt: str) -> _Hashed:
    hashed = hashlib.sha256((PASSWORD + salt).encode()).hexdigest()
    return _Hashed("sha256_salted_suffix", hashed, salt, str(len(salt)))


def _sha1(_salt: str) -> _Hashed:
    return _Hashed("sha1", hashlib.sha1(PASSWORD.encode()).hexdigest())


_HASHES: tuple[Callable[[str], _Hashed], ...] = (_bcrypt, _bcrypt, _sha256, _sha1)
