"""A stand-in for Liftoff's OData service, with the shapes of liftoff.md.

Pages of 100 by `$skip`, singular sets, inline addresses, navigations only where they are expanded, and
421 for wrong credentials.
"""

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.pulling.foxy import Foxy, Handler

ACCOUNT, KEY = "foxglove", "6f1c0f5e-2f0b-4b58-9f0e-0a6b0c0d0e0f"
PAGE = 100


@dataclass
class Liftoff(Foxy):
    """An account."""

    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    billing: list[dict[str, Any]] = field(default_factory=list)
    shipping: list[dict[str, Any]] = field(default_factory=list)
    expands: bool = True

    def answer_odata(self, handler: "LiftoffHandler") -> None:
        given = handler.headers.get("Authorization", "")
        if given != "Basic " + base64.b64encode(f"{ACCOUNT}:{KEY}".encode()).decode():
            return handler.send(421, {"error": {"code": "misdirected", "message": "Who are you?"}})
        path = handler.path_asked.removeprefix("/odata/v1/")
        if path == "":
            names = ("Customer", "CustomerBillingAddress", "CustomerShippingAddress", "Order")
            return handler.send(
                200, {"value": [{"name": each, "kind": "EntitySet", "url": each} for each in names]}
            )
        if path == "$metadata":
            return handler.send(200, METADATA)
        return self.answer_set(handler, path)

    def answer_set(self, handler: "LiftoffHandler", path: str) -> None:
        of_set = {
            "Customer": list(self.people.values()),
            "CustomerBillingAddress": self.billing,
            "CustomerShippingAddress": self.shipping,
        }
        name, _, rest = path.partition("/")
        if rest == "$count":
            return handler.send(200, str(len(of_set[name])).encode())
        if "$expand" in handler.query and not self.expands:
            return handler.send(501, {"error": {"code": "not_implemented", "message": "no"}})
        if name in of_set:
            return self.answer_page(handler, [self.shown(each, handler) for each in of_set[name]])
        own_id = int(name.removeprefix("Customer(").removesuffix(")"))
        if own_id not in self.people:
            return handler.send(404, {"error": {"code": "not_found", "message": "no"}})
        if rest:
            return self.answer_page(handler, self.addresses(own_id, rest))
        return handler.send(200, self.shown(self.people[own_id], handler))

    def answer_page(self, handler: "LiftoffHandler", several: list[Any]) -> None:
        skip = int(handler.query.get("$skip", 0))
        document: dict[str, Any] = {"value": several[skip : skip + PAGE]}
        if skip + PAGE < len(several):
            kept = [f"{name}={value}" for name, value in handler.query.items() if name != "$skip"]
            query = "&".join([*kept, f"$skip={skip + PAGE}"])
            document["@odata.nextLink"] = f"{self.url}{handler.path_asked}?{query}"
        return handler.send(200, document)

    def addresses(self, customer: int, navigation: str) -> list[Any]:
        several = self.billing if navigation == "BillingAddresses" else self.shipping
        return [each for each in several if each["CustomerId"] == customer]

    def shown(self, entity: dict[str, Any], handler: "LiftoffHandler") -> dict[str, Any]:
        expanded = handler.query.get("$expand", "")
        names = expanded.split(",") if expanded and "Email" in entity else []
        return entity | {name: self.addresses(entity["Id"], name) for name in names}


class LiftoffHandler(Handler):
    """One request."""

    def _answer(self) -> None:
        foxy = self.foxy
        assert isinstance(foxy, Liftoff)
        self.query = dict(parse_qsl(self.path.partition("?")[2], keep_blank_values=True))
        foxy.answer_odata(self)


def person(own: int, **more: Any) -> dict[str, Any]:
    return {
        "Id": own, "AccountId": 7, "Email": f"p{own}@example.com", "Name": f"Given{own} Name",
        "CreateDate": "2020-03-01T10:00:00-05:00", "LastModifiedDate": "2021-03-01T10:00:00.1234567-05:00",
        "LastLoginDate": None, "IsActive": True, "IsGuest": False, "CurrencyCode": "USD",
        "CustomerId": f"ERP-{own}", "TaxExempt": False, "OpenAccount": True, "EnableCreditCards": True,
        "EnableBudgets": False, "EnableDiscounts": True, "ForcePasswordReset": False,
        "AllowBillingAddressManagement": True, "AllowShippingAddressManagement": False, **more,
    }  # fmt: skip


def address(own: int, customer: int, **more: Any) -> dict[str, Any]:
    lines = {"Name": "Given Name", "Company": None, "Address1": f"{own} Pier", "Address2": None,
             "City": "Bend", "State": "OR", "PostalCode": "97701", "CountryCode": "US",
             "Phone": "1"}  # fmt: skip
    return {"Id": own, "CustomerId": customer, "IsDefault": False, "IsLocked": True, "DisplayLabel": None,
            "Address": lines, **more}  # fmt: skip


METADATA = b"""<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Shop" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="Customer">
<Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int32"/>
<NavigationProperty Name="BillingAddresses" Type="Collection(Shop.CustomerBillingAddress)"/>
<NavigationProperty Name="ShippingAddresses" Type="Collection(Shop.CustomerShippingAddress)"/>
</EntityType></Schema></edmx:DataServices></edmx:Edmx>"""
