"""Requests for fuzzing: any method at any address, with documents that fit, nearly fit, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st
from marshmallow import Schema
from werkzeug.routing import Rule

from app.hypermedia import Registry, Relation
from app.sandbox import CUSTOMER_EMAIL
from app.schema import declared
from tests.site import FORMATS, HAL, JSON, SIREN, XML
from tests.unit.bodies import tampered
from tests.wire import hostile
from tests.wire.encodings import EVERYWHERE, WRITERS

WRITING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. An id that is a number is that of the so-manieth row that there is."""

    rule: str
    method: str
    id: int | str = 0
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunked: bool = False


words = st.text("abcdefgh ", min_size=1, max_size=8).filter(str.strip) | st.sampled_from(
    ["名前", "O'Neil", "é"]
)
_TODAY = datetime.now(UTC).date()
_items = st.fixed_dictionaries({"name": words, "price": st.integers(0, 99)})
_BY_NAME: Mapping[str, st.SearchStrategy[Any]] = {
    "redirect_uri": st.just("https://shop.example/callback"),
    "contact_email": st.just("shop@example.com"),
    "client_id": st.sampled_from(["", "shop", "a b"]),
    "email": st.integers(0, 10**9).map("customer-{}@example.com".format),
    "from_email": st.just("shop@example.com"),
    "password": st.just(hostile.PASSWORD),
    "password_hash": st.sampled_from(["", "d41d8cd98f00b204e9800998ecf8427e", "0" * 40, "x"]),
    "password_hash_type": st.sampled_from(["md5", "sha1", "bcrypt", "phpass", "none"]),
    "password_salt": st.sampled_from(["", "salt"]),
    "password_hash_config": st.sampled_from(["", "12", "x"]),
    "customer_password_hash_type": st.just("bcrypt"),
    "customer_password_hash_config": st.just("10"),
    "country": st.sampled_from(["DE", "US", "JP", ""]),
    "currency_code": st.sampled_from(["EUR", "USD"]),
    "locale_code": st.sampled_from(["en_US", "de_DE"]),
    "timezone": st.sampled_from(["Europe/Berlin", "Pacific/Apia", "Etc/GMT+12", "America/Los_Angeles"]),
    "cc_number": st.sampled_from(hostile.CARDS),
    "cc_exp_month": st.sampled_from(["01", "12"]),
    "cc_exp_year": st.just(str(datetime.now(UTC).year + 5)),
    "visibility": st.sampled_from(["public", "private", "restricted"]),
    "for_shipping": st.just(True),
    "store_email": st.just("shop@example.com"),
    "store_domain": st.integers(0, 10**9).map("fuzzed-{}".format),
    "store_url": st.just("https://shop.example/"),
    "single_sign_on_url": st.just("https://shop.example/sign-in"),
    "checkout_type": st.sampled_from(["default_account", "default_guest"]),
    "customer_email": st.sampled_from([CUSTOMER_EMAIL, "other@example.com"]),
    "customer_uri": st.just(""),
    "items": st.lists(_items, min_size=1, max_size=2),
    "frequency": st.sampled_from(["1m", "2w", "30d", ".5m"]),
    "next_transaction_date": st.dates(_TODAY + timedelta(days=2), _TODAY + timedelta(days=99)).map(str),
    "transaction_date": st.just(f"{_TODAY}T00:00:00Z"),
    "end_date": st.dates(_TODAY + timedelta(days=100), _TODAY + timedelta(days=999)).map(str) | st.none(),
    "past_due_amount": st.integers(0, 99),
    "event_resource": st.sampled_from(["customer", "subscription", "transaction"]),
    "format": st.just("json"),
    "event": st.just("refeed"),
    "version": st.just(2),
    "url": st.just("https://receiver.example/hooks"),
}
_BY_KIND: Mapping[str, st.SearchStrategy[Any]] = {
    "Boolean": st.booleans(),
    "Integer": st.integers(0, 86400),
    "List": st.lists(st.sampled_from(["https://fuzz.example", "http://localhost:1", "nonsense"]), max_size=3),
    "Object": st.sampled_from(
        [
            {},
            None,
            {"enabled": True},
            {"allowNextDateModification": True},
            {"allowFrequencyModification": [{"jsonataQuery": "*", "values": ["1m"]}]},
        ]
    ),
}
_TOGETHER = {"cc_number": ("cc_exp_month", "cc_exp_year"), "password_hash": ("password_hash_type",)}
_INVOLVED = ("customer_email", "items")
"""What a checkout and a new subscription need, though a change of them does not."""
_COSTLY = ("password",)
_UNCHECKED = ("forgot_password", "password_salt", "password_hash")
"""Secrets, which the service shows to who may see them, and where digits may be by chance what a card has."""


_declared = cache(declared)


@st.composite
def documents(draw: st.DrawFn, target: type[Schema], *, creating: bool, odd: bool) -> dict[str, Any]:
    """Properties that fit what may be sent, and where it is to be odd, others among them."""
    known = _declared(target)
    writable = [name for name, each in known.items() if not each.dump_only]
    names = set(draw(st.lists(st.sampled_from(writable), max_size=3))) if writable else set()
    if not odd:
        names -= set(_COSTLY)
    if creating:
        names |= {name for name, each in known.items() if each.required or name in _INVOLVED}
    names |= {other for name in names for other in _TOGETHER.get(name, ())}
    given = {
        name: draw(_BY_NAME.get(name, _BY_KIND.get(type(known[name]).__name__, words)))
        for name in sorted(names)
    }
    for _ in range(draw(st.integers(0, 3)) if odd else 0):
        name = draw(st.sampled_from([*known, "_links", "_embedded", "message", "id", "nonsense", "cc_cvv"]))
        given[name] = draw(hostile.harmless if name in _UNCHECKED else hostile.values)
    return given


@st.composite
def bodies(
    draw: st.DrawFn, target: type[Schema] | None, method: str, *, many: bool, odd: bool
) -> tuple[str, bytes]:
    """A content type and a body."""
    media_type = draw(st.sampled_from(tuple(WRITERS) if method == "PATCH" else EVERYWHERE))
    if target is None or (odd and draw(st.booleans())):
        return draw(hostile.media_types | st.just(media_type)), draw(hostile.bodies | hostile.scripts)
    document: Any = draw(documents(target, creating=many or method != "PATCH", odd=odd))
    if many and (method != "POST" or draw(st.integers(0, 3)) == 1):
        others = documents(target, creating=True, odd=False)
        document = [document, *draw(st.lists(others, max_size=2))]
    try:
        written = WRITERS[media_type](document)
    except UnicodeEncodeError:  # a lone surrogate, which only JSON can write
        media_type, written = JSON, WRITERS[JSON](document)
    if odd and draw(st.booleans()):
        return media_type, draw(tampered(st.just(_without_secrets(written))))
    return media_type, written


def _without_secrets(body: bytes) -> bytes:
    """Of a body that is tampered with a piece may end up where it is no secret, amid a text that is kept."""
    for canary in hostile.CANARIES:
        body = body.replace(canary[:4].encode(), b"0")
    return body


_IDS = st.integers(0, 7)
_parameters = st.lists(hostile.parameters, min_size=1, max_size=2)
_some_headers = st.lists(st.sampled_from(sorted(hostile.HEADERS)), min_size=1, max_size=2)
_ACCEPTS = st.sampled_from(
    (
        *FORMATS,
        HAL,
        XML,
        SIREN,
        "application/json",
        "application/problem+json, */*",
        "text/html",
    )
)
_METHODS = ("GET", "HEAD", "OPTIONS", "GET", *WRITING, "TRACE", "BREW")
_PARTS = ("method", "Accept", "headers", "headers", "body", "body", "id", "query", "query")
_ODD = st.just(frozenset[str]()) | st.frozensets(st.sampled_from(_PARTS), min_size=1, max_size=3)
"""What may be odd about a request; so many at once that the others are still looked at."""


def requests(rules: Iterable[Rule], registry: Registry) -> st.SearchStrategy[Asked]:
    """Requests at all addresses; those that can be written are asked for more often."""
    known = list(rules)
    written = [each for each in known if set(WRITING) & (each.methods or set())]
    return st.sampled_from([*known, *written * 4]).flatmap(lambda rule: _requests(rule, registry))


@st.composite
def _requests(draw: st.DrawFn, rule: Rule, registry: Registry) -> Asked:
    odd = draw(_ODD)
    offered = sorted(set(WRITING) & (rule.methods or set()))
    method = draw(st.sampled_from(offered if offered and "method" not in odd else _METHODS))
    if "query" in odd and draw(st.booleans()):  # which reads make more of
        method = "GET"
    headers = {"Accept": draw(hostile.accepts if "Accept" in odd else _ACCEPTS)}
    if "headers" in odd:
        for name in draw(_some_headers):
            headers[name] = draw(st.sampled_from(hostile.HEADERS[name]))
    body = b""
    if method in WRITING:
        target, many = _target(rule, registry)
        of_body = bodies(target, method, many=many, odd="body" in odd)
        headers["Content-Type"], body = draw(of_body)
    return Asked(
        rule=rule.rule,
        method=method,
        id=draw(hostile.ids if "id" in odd else _IDS),
        query="&".join(draw(_parameters)) if "query" in odd else "",
        headers=headers,
        body=body,
        chunked=draw(st.booleans()),
    )


def _target(rule: Rule, registry: Registry) -> tuple[type[Schema] | None, bool]:
    """What a body at an address may say, and whether that may be said of several."""
    owner, _, name = rule.endpoint.partition(".")
    resource = registry.types.get(owner)
    if resource is None or not set(WRITING) & (rule.methods or set()):
        return None, False
    if not name or (resource.founding and resource.founding.name == name):
        return resource.schema, False
    for each in resource.relations:
        if each.name == name:
            return (
                (registry.target(each).schema, each.many)
                if isinstance(each, Relation)
                else (each.schema, False)
            )
    return None, False
