"""Codes that standards list: countries, currencies, timezones, locales, and the form of email addresses.

Each list is loaded when somebody first asks and kept: pycountry costs 70 ms and some megabytes.
"""

import ipaddress
import re
import zoneinfo
from functools import cache, lru_cache

LONGEST_EMAIL = 254
"""RFC 5321 §4.5.3.1.3: a path of 256 octets, less its angle brackets."""


def is_country(code: str) -> bool:
    """Whether this is a country's ISO 3166-1 alpha-2 code, in upper case."""
    return code in _countries()


def is_region(country: str, code: str) -> bool:
    """Whether this can be a country's region: its code where it has two letters, else any name.

    A code may be that of a region (ISO 3166-2) or, for mail to the forces, of the US postal service.
    """
    if len(code) != 2 or not code.isalpha():
        return True
    known = _regions(country)
    return code in known or not any(len(each) == 2 and each.isalpha() for each in known)


def is_currency(code: str) -> bool:
    """Whether this is a currency's ISO 4217 alphabetic code, in upper case."""
    return code in _currencies()


def is_ip_address(text: str) -> bool:
    """Whether this is an address of the internet, of the fourth or the sixth version."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def currency_of(locale_code: str) -> str | None:
    """The currency of a locale's country, as `USD` of `en_US`; None where it has none of its own."""
    from babel.numbers import get_territory_currencies

    found = get_territory_currencies(locale_code.partition("_")[2])
    return found[0] if found else None


def symbol_of(currency: str, locale_code: str) -> str:
    """The symbol that a currency has in a locale; its code where no other is known."""
    from babel.core import Locale, UnknownLocaleError
    from babel.numbers import get_currency_symbol

    try:
        return get_currency_symbol(currency, Locale.parse(locale_code))
    except (UnknownLocaleError, ValueError):
        return currency


def is_timezone(name: str) -> bool:
    """Whether this is the name of an IANA timezone, or a link to one."""
    return name in _timezones()


def is_locale(code: str) -> bool:
    """Whether this is a language (ISO 639-1 or -3) and a country: `en_US`."""
    language, _, country = code.partition("_")
    return is_country(country) and language in _languages()


def is_email(text: str) -> bool:
    """Whether this has the form of an email address. Nobody is asked whether it takes mail."""
    if len(text) > LONGEST_EMAIL:  # a huge text would keep the parser busy
        return False
    local, _, domain = text.rpartition("@")
    if domain.isascii() and _PLAIN_LOCAL(local):
        return _has_email_form(f"a@{domain}")
    return _has_email_form.__wrapped__(text)


_PLAIN_LOCAL = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*", re.ASCII).fullmatch
"""What may stand before any domain (RFC 5322's dot-atom, but for its rarer signs): most addresses are so."""


@lru_cache(maxsize=4096)
def _has_email_form(text: str) -> bool:
    from email_validator import validate_email

    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except ValueError:  # EmailNotValidError is one, and so is what encodings raise
        return False
    return True


@cache
def _countries() -> frozenset[str]:
    import pycountry

    return frozenset(each.alpha_2 for each in pycountry.countries)


@cache
def _regions(country: str) -> frozenset[str]:
    import pycountry

    found = pycountry.subdivisions.get(country_code=country) or ()  # type: ignore[no-untyped-call] # not typed there
    codes = frozenset(each.code.partition("-")[2] for each in found)
    return codes | ({"AA", "AE", "AP"} if country == "US" else frozenset())


@cache
def _currencies() -> frozenset[str]:
    import pycountry

    return frozenset(each.alpha_3 for each in pycountry.currencies)


@cache
def _languages() -> frozenset[str]:
    import pycountry

    short = (getattr(each, "alpha_2", None) for each in pycountry.languages)
    return frozenset(each.alpha_3 for each in pycountry.languages) | frozenset(code for code in short if code)


@cache
def _timezones() -> frozenset[str]:
    """All but a machine's own `localtime`, which differs from node to node, and the zone of no place."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})
