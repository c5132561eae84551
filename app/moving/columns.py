"""Customers from tables (CSV, TSV) and into them: which column is which property.

A column's name says what it is: `first_name`, `billing_city`, `attributes:Shoe size`. Customers have more
than a table can say: NDJSON holds everything, a table the customer, the default addresses and attributes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Field

from app.config import Misconfigured
from app.moving.checks import LEFT_BEHIND
from app.resources.attribute import VISIBILITIES
from app.resources.customer import CustomerSchema
from app.resources.customer_address import CustomerAddressSchema
from app.resources.payment_method import PaymentMethodSchema
from app.schema import declared
from app.structures import typed

PARTS: Mapping[str, tuple[str, type[Schema]]] = {
    "billing": ("default_billing_address", CustomerAddressSchema),
    "shipping": ("default_shipping_address", CustomerAddressSchema),
    "card": ("default_payment_method", PaymentMethodSchema),
}
"""What the names of columns begin with that are of a part, and which part that is."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: a property of the customer, of a part, or an attribute's value.

    `part` is the name of the relation; for an attribute `name` is its own, for others the property's.
    """

    part: str
    name: str
    visibility: str = ""

    @property
    def title(self) -> str:
        """What the column is called."""
        if self.part == "attributes":
            shown = "" if self.visibility == "private" else f"({self.visibility})"
            return f"attributes{shown}:{self.name}"
        prefix = next((short for short, (part, _) in PARTS.items() if part == self.part), "")
        return f"{prefix}_{self.name}" if prefix else self.name


def known() -> Iterator[Column]:
    """All columns but those of attributes, in the order in which an export has them."""
    for name in declared(CustomerSchema):
        if name not in LEFT_BEHIND:
            yield Column("", name)
    for part, schema in PARTS.values():
        for name in declared(schema):
            if not name.startswith("is_default_"):
                yield Column(part, name)


def exported() -> Iterator[Column]:
    """Those that an export has: nothing in it is written only."""
    schemas = {"": CustomerSchema, **dict(PARTS.values())}
    return (each for each in known() if not declared(schemas[each.part])[each.name].load_only)


_ATTRIBUTE = re.compile(rf"attributes?(?:\(({'|'.join(VISIBILITIES)})\))?[:.](.+)", re.IGNORECASE | re.DOTALL)
_SYNONYMS = {
    "e_mail": "email", "mail": "email", "email_address": "email", "e_mail_address": "email",
    "customer_email": "email", "customer_id": "id", "firstname": "first_name", "given_name": "first_name",
    "lastname": "last_name", "surname": "last_name", "family_name": "last_name", "created": "date_created",
    "created_at": "date_created", "updated_at": "date_modified", "guest": "is_anonymous",
    "currency": "currency_code", "vat_id": "tax_id", "address_1": "address1", "address_2": "address2",
    "street": "address1", "address": "address1", "zip": "postal_code", "zip_code": "postal_code",
    "postcode": "postal_code", "state": "region", "province": "region", "country_code": "country",
    "telephone": "phone", "phone_number": "phone", "number_masked": "cc_number_masked", "type": "cc_type",
    "exp_month": "cc_exp_month", "exp_year": "cc_exp_year",
}  # fmt: skip
_PREFIXES = (
    ("default_billing_address_", "billing_"), ("default_shipping_address_", "shipping_"),
    ("default_payment_method_", "card_"), ("bill_to_", "billing_"), ("ship_to_", "shipping_"),
    ("customer_", ""),
)  # fmt: skip


def guessed(title: str) -> Column | None:
    """What a column of this name holds, if that can be told."""
    if found := _ATTRIBUTE.fullmatch(title.strip()):
        return Column("attributes", found[2].strip(), (found[1] or "private").lower())
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", title.strip()).lower()).strip("_")
    for long, short in _PREFIXES:
        if name.startswith(long) and name not in _SYNONYMS:
            name = short + name.removeprefix(long)
    by_title = {each.title: each for each in known()}
    prefix, _, rest = name.partition("_")
    alike = [name, _SYNONYMS.get(name, name)]
    if prefix in PARTS:
        alike.append(f"{prefix}_{_SYNONYMS.get(rest, rest)}")
        alike.append(f"{prefix}_cc_{rest}")
    return next((by_title[each] for each in alike if each in by_title), None)


def mapped(header: Sequence[str], said: Iterable[tuple[str, str]]) -> list[Column | None]:
    """What the columns of a table hold: as somebody said, else as their names say.

    :param said: names of columns, each with what `guessed` understands; "" leaves a column out.
    :raises Misconfigured: where a name is none, or two columns are the same.
    """
    chosen = {title: about.strip() for title, about in said}
    if unknown := sorted(set(chosen) - set(header)):
        raise Misconfigured(f"--map: the table has no column {', '.join(unknown)}")
    found = list[Column | None]()
    for title in header:
        about = chosen.get(title, title)
        column = guessed(about) if about else None
        if column is None and title in chosen and about:
            raise Misconfigured(f"--map {title}={about}: {about} is no property that a table can hold")
        if column is not None and column in found:
            raise Misconfigured(f"two columns are {column.title}: leave one out by --map '{title}='")
        found.append(column)
    if Column("", "email") not in found:
        raise Misconfigured("no column is the email: name it by --map COLUMN=email")
    return found


Place = Callable[[dict[str, Any], str], None]
"""Sets in a document what a cell says."""


def placing(column: Column) -> Place:
    """How a cell of a column comes into a customer's document; an empty one says nothing."""
    if column.part == "attributes":
        return _placing_attribute(column)
    field = _field(column)

    def place(document: dict[str, Any], text: str) -> None:
        held = document["_embedded"].setdefault(column.part, {}) if column.part else document
        held[column.name] = typed(field, text)

    return place


def _placing_attribute(column: Column) -> Place:
    def place(document: dict[str, Any], text: str) -> None:
        attribute = {"name": column.name, "value": text, "visibility": column.visibility}
        document["_embedded"].setdefault("attributes", []).append(attribute)

    return place


def _field(column: Column) -> Field[Any]:
    schemas = {"": CustomerSchema, **dict(PARTS.values())}
    return declared(schemas[column.part])[column.name]


_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def escaped(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: a quote stands before what looks like one."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """What a cell says."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
