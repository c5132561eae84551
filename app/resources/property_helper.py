"""property_helper: the values that some properties take; the same for everybody (hAPI §4.10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.passwords import TYPES

PASSWORD_HASH_TYPES: Mapping[str, Mapping[str, str | None]] = {
    name: {"description": each.description, "config": each.config} for name, each in TYPES.items()
}

_REGIONS_REQUIRED = frozenset({"AU", "BR", "CA", "CN", "IN", "IT", "JP", "MX", "US"})
"""Where mail does not arrive without a region."""

_REGION_TYPES = {"CA": "province", "CN": "province", "IT": "province", "JP": "prefecture"}


@dataclass(eq=False)
class UnknownValue(Exception):
    """A parameter with a value that is none of those expected."""

    name: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class PropertyHelper:
    """One list of values. `values` takes the helper's own query parameters, each of which has a meaning."""

    name: str
    title: str
    message: str
    meaning: str
    parameters: Mapping[str, str]
    values: Callable[[Mapping[str, str]], dict[str, Any]]
    links: tuple[str, ...] = ()


def _hash_types(_query: Mapping[str, str]) -> dict[str, Any]:
    return {name: dict(described) for name, described in PASSWORD_HASH_TYPES.items()}


def _countries(query: Mapping[str, str]) -> dict[str, Any]:
    return _all_countries(
        _flag("include_regions", query, default=False), _flag("active", query, default=True)
    )


@lru_cache(maxsize=4)
def _all_countries(include_regions: bool, _active: bool) -> dict[str, Any]:
    """Every country is active, so those that are and all of them are the same."""
    import pycountry  # 70 ms and some megabytes: only where somebody asks

    countries = {}
    for each in sorted(pycountry.countries, key=lambda country: country.alpha_2):
        regions = _regions_of(each.alpha_2)
        official = [name for name in (getattr(each, "official_name", None),) if name]
        countries[each.alpha_2] = {
            "default": getattr(each, "common_name", each.name),
            "cc2": each.alpha_2,
            "cc3": each.alpha_3,
            "alternate_values": sorted({each.name, *official} - {getattr(each, "common_name", each.name)}),
            "boost": 1,
            **(
                {"regions": [_short(region) for region in regions.values()]}
                if include_regions
                else {"has_regions": bool(regions)}
            ),
            "regions_required": each.alpha_2 in _REGIONS_REQUIRED,
            "regions_type": _REGION_TYPES.get(each.alpha_2, "state" if regions else None),
            "active": True,
        }
    return countries


def _regions(query: Mapping[str, str]) -> dict[str, Any]:
    import pycountry

    code = query.get("country_code", "US").upper()
    if not code.isascii() or len(code) != 2 or pycountry.countries.get(alpha_2=code) is None:
        raise UnknownValue("country_code", code, "an ISO 3166-1 alpha-2 code, as fx:countries lists them")
    return _regions_of(code)


@lru_cache(maxsize=300)
def _regions_of(country: str) -> dict[str, Any]:
    import pycountry

    found = sorted(
        pycountry.subdivisions.get(country_code=country) or (),  # type: ignore[no-untyped-call] # not typed there
        key=lambda each: each.code,
    )
    return {
        each.code.partition("-")[2]: {
            "default": each.name,
            "code": each.code.partition("-")[2],
            "alternate_values": [],
            "boost": 1,
            "active": True,
        }
        for each in found
        if each.parent_code is None
    }


def _short(region: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n": region["default"],
        "c": region["code"],
        "alt": region["alternate_values"],
        "boost": region["boost"],
        "active": region["active"],
    }


def _flag(name: str, query: Mapping[str, str], *, default: bool) -> bool:
    text = query.get(name, str(default)).lower()
    if text not in {"true", "false"}:
        raise UnknownValue(name, text, "true or false")
    return text == "true"


PROPERTY_HELPERS = (
    PropertyHelper(
        name="regions",
        title="List of valid region values. It defaults to US states, but you can filter for other country"
        " states using ?country_code=",
        message="The values listed here are the regions of one country, in the format code => description.",
        meaning="The regions of a country, the US where country_code names no other.",
        parameters={"country_code": "Whose regions: an ISO 3166-1 alpha-2 code."},
        values=_regions,
        links=("countries",),
    ),
    PropertyHelper(
        name="countries",
        title="List of valid country values for any country setting such as the Store resource"
        " store_country.",
        message="The values listed here are the countries, in the format code => description."
        " include_regions=true adds the regions of each.",
        meaning="The countries, by ISO 3166-1 alpha-2 code.",
        parameters={
            "include_regions": "true for the regions of each country too.",
            "active": "false for those that are not active as well.",
        },
        values=_countries,
    ),
    PropertyHelper(
        name="customer_password_hash_types",
        title="List of valid customer password hash type values for the Store resource"
        " customer_password_hash_type setting.",
        message="The values listed here are the correct values for the Store customer_password_hash_type"
        " field. The values are listed in the format value => description.",
        meaning="The ways in which customers' passwords may be hashed, each with the form of its config.",
        parameters={},
        values=_hash_types,
    ),
)
