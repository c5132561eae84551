"""The addresses of the hypermedia API, and what documentation and OpenAPI both say of them."""

from app.addresses.faults import Fault, faults
from app.addresses.headers import headers
from app.addresses.places import Address, Place, led_to, places, scopes
from app.addresses.public import PUBLIC, PublicPlace

__all__ = [
    "PUBLIC",
    "Address",
    "Fault",
    "Place",
    "PublicPlace",
    "faults",
    "headers",
    "led_to",
    "places",
    "scopes",
]
