"""Limits and waits as clients meet them, by an address that signs in as those of the product do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Response, request
from lxml import etree
from werkzeug.test import TestResponse

from app.auth import remote
from tests.logs import captured_logs
from tests.site import HAL, SIREN, XML, Site, open_site

PASSWORD = "correct horse"


@contextmanager
def site_with_sign_in(engine: str, folder: Path, **settings: Any) -> Iterator[Site]:
    with open_site(engine, folder, **settings) as site:
        patron = site.app.extensions["patron"]

        def sign_in() -> Response:
            account, address = request.form["email"], remote.address()
            told = patron.limits.take("authenticate", address=address, account=account, store_id=66)
            patron.delays.require(66, account, address)
            if request.form["password"] != PASSWORD:
                patron.delays.failed(66, account, address)
                return Response("wrong", 401)
            patron.delays.succeeded(66, account, address)
            return Response("welcome", headers=dict(told))

        site.app.add_url_rule("/sign_in", view_func=sign_in, methods=["POST"])
        site.app.add_url_rule("/address", view_func=remote.address)
        yield site


def sign_in(
    site: Site, email: str, password: str = PASSWORD, accept: str = HAL, **headers: str
) -> TestResponse:
    sent = {"Accept": accept, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with site.app.test_client() as client:
        return client.post("/sign_in", data={"email": email, "password": password}, headers=sent)


def test_who_tries_too_often_is_told_so_in_every_format(engine_name: str, tmp_path: Path) -> None:
    rates = "authenticate.address=3/hour,authenticate.account=2/hour"
    with site_with_sign_in(engine_name, tmp_path, rate_limits=rates) as site:
        welcome = sign_in(site, "ada@example.com")
        assert welcome.headers["RateLimit"].startswith('"authenticate.address";r=2;t=')
        assert '"authenticate.account";q=2;w=3600' in welcome.headers["RateLimit-Policy"]
        sign_in(site, "ada@example.com")

        account = sign_in(site, "ada@example.com")
        assert (account.status_code, json.loads(account.data)["total"]) == (429, 1)
        for accept in (HAL, XML, SIREN, "application/problem+json"):
            refused = sign_in(site, "grace@example.com", accept=accept)
            assert (refused.status_code, refused.headers["Content-Type"]) == (429, accept)
            assert 1 <= int(refused.headers["Retry-After"]) <= 3600
            assert refused.headers["RateLimit"].startswith('"authenticate.address";r=0;t=')
            assert "too_many_requests" in refused.text
            assert etree.fromstring(refused.data) is not None if accept == XML else json.loads(refused.data)


def test_one_password_tried_on_many_accounts_meets_the_limit_of_its_address(
    engine_name: str, tmp_path: Path
) -> None:
    with site_with_sign_in(engine_name, tmp_path, rate_limits="authenticate.address=10/hour") as site:
        answers = [sign_in(site, f"{number}@example.com", "123456").status_code for number in range(30)]

    assert answers == [401] * 10 + [429] * 20


def test_waits_grow_with_failures_and_the_right_password_does_not_shorten_them(
    engine_name: str, tmp_path: Path
) -> None:
    with site_with_sign_in(engine_name, tmp_path) as site:
        assert [sign_in(site, "ada@example.com", "wrong").status_code for _ in range(6)] == [401] * 6
        waiting = sign_in(site, "Ada@Example.com")
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "1")
        assert "sign_in_delayed" in waiting.text
        assert sign_in(site, "grace@example.com").status_code == 200


def test_what_is_refused_stands_in_the_audit_trail(engine_name: str, tmp_path: Path) -> None:
    rates = "authenticate.address=7/hour"
    with captured_logs() as lines, site_with_sign_in(engine_name, tmp_path, rate_limits=rates) as site:
        for _ in range(9):
            sign_in(site, "ada@example.com", "wrong")

    told = [
        (line["reason"], line["address"], line["store_id"]) for line in lines.of("audit", what="throttled")
    ]
    assert told == [("sign_in_delay", "127.0.0.1", 66)] + [("authenticate.address", "127.0.0.1", 66)] * 2
    assert "ada" not in lines.text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.66", "127.0.0.1"),
        (1, "203.0.113.66", "203.0.113.66"),
        (1, "198.51.100.1, 203.0.113.66", "203.0.113.66"),
        (2, "198.51.100.1, 203.0.113.66", "198.51.100.1"),
        (2, "192.0.2.1, 198.51.100.1, 203.0.113.66", "198.51.100.1"),
        (2, "203.0.113.66", "127.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_a_client_is_where_the_trusted_proxies_say_and_nowhere_else(
    tmp_path: Path, proxies: int, forwarded: str, address: str
) -> None:
    with site_with_sign_in("sqlite", tmp_path, proxies=proxies) as site:
        assert site.ask("/address", headers={"X-Forwarded-For": forwarded}).text == address


def test_a_client_that_forges_its_address_is_counted_all_the_same(tmp_path: Path) -> None:
    for proxies, trusted in ((0, ""), (1, ", 203.0.113.66")):
        rates = "authenticate.address=2/hour"
        folder = tmp_path / str(proxies)
        folder.mkdir()
        with site_with_sign_in("sqlite", folder, proxies=proxies, rate_limits=rates) as site:
            answers = [
                sign_in(site, "ada@example.com", X_Forwarded_For=f"198.51.100.{number}{trusted}")
                for number in range(4)
            ]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]


def test_links_follow_a_proxy_only_where_it_is_trusted_and_no_base_is_set(tmp_path: Path) -> None:
    sent = {"X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https"}
    for settings, base in (
        ({}, "http://localhost"),
        ({"proxies": 1}, "https://shop.example"),
        ({"proxies": 1, "base_url": "https://api.example"}, "https://api.example"),
    ):
        folder = tmp_path / base.replace("/", "")
        folder.mkdir()
        with open_site("sqlite", folder, **settings) as site:
            document = json.loads(site.ask("/", headers=sent).data)
            assert document["_links"]["self"]["href"].rstrip("/") == base


def test_a_scheme_that_a_proxy_has_let_through_makes_no_links(tmp_path: Path) -> None:
    with open_site("sqlite", tmp_path, proxies=1) as site:
        refused = site.ask("/", headers={"X-Forwarded-Proto": "javascript"})

    assert (refused.status_code, "javascript" in refused.text) == (400, False)
