"""The properties of a customer as the project's second seed names them, with its words for their types."""

from collections.abc import Mapping
from typing import Any

SEED: Mapping[str, str] = {
    "Id": "int",
    "AccountId": "int",
    "Account": "Account",
    "Email": "string",
    "Password": "string",
    "Name": "string",
    "CreateDate": "datetimeoffset",
    "LastModifiedDate": "datetimeoffset",
    "LastLoginDate": "datetimeoffset",
    "IsActive": "boolean",
    "IsGuest": "boolean",
    "CurrencyCode": "string",
    "CustomerId": "string",
    "TaxExempt": "boolean",
    "OpenAccount": "boolean",
    "EnableCreditCards": "boolean",
    "EnableBudgets": "boolean",
    "EnableDiscounts": "boolean",
    "ForcePasswordReset": "boolean",
    "AllowBillingAddressManagement": "boolean",
    "AllowShippingAddressManagement": "boolean",
    "BillingAddresses": "CustomerBillingAddress array",
    "ShippingAddresses": "CustomerShippingAddress array",
}

TYPES: Mapping[str, str] = {
    "int": "Edm.Int32",
    "string": "Edm.String",
    "boolean": "Edm.Boolean",
    "datetimeoffset": "Edm.DateTimeOffset",
    "Account": "Patron.Account",
    "CustomerBillingAddress array": "Collection(Patron.CustomerBillingAddress)",
    "CustomerShippingAddress array": "Collection(Patron.CustomerShippingAddress)",
}

SHOWN: Mapping[str, type[Any] | tuple[type[Any], ...]] = {
    name: {"int": int, "boolean": bool}.get(kind, (str, type(None)))
    for name, kind in SEED.items()
    if kind in {"int", "string", "boolean", "datetimeoffset"} and name != "Password"
}
"""What an answer shows of a customer without being asked for more, each with its type in JSON."""
