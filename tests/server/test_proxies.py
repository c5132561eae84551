"""Proxies in front of a real server: believed where they are counted, ignored where they are not."""

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.server.commands import run, running
from tests.server.processes import behind_gunicorn

FORWARDED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "shop.example",
}


def ask(port: int, method: str, path: str, token: str, body: Any = None) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **FORWARDED}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    document = json.loads(response.read())
    connection.close()
    assert response.status == 200, document
    return document


@pytest.mark.parametrize(("proxies", "base"), [("0", "http://127.0.0.1:{}"), ("1", "https://shop.example")])
def test_the_sandbox_links_to_where_a_trusted_proxy_stands(tmp_path: Path, proxies: str, base: str) -> None:
    with running(tmp_path, "sandbox", "--port", "0", PATRON_PROXIES=proxies):
        shown = json.loads(run(tmp_path, "credentials").stdout)
        port = int(shown["base"].rpartition(":")[2])
        href = ask(port, "GET", "/customers/115", shown["token"])["_links"]["self"]["href"]

    assert href == f"{base.format(port)}/customers/115"


@pytest.mark.parametrize(("proxies", "address"), [("0", "127.0.0.1"), ("1", "203.0.113.7")])
def test_gunicorn_logs_the_client_that_a_trusted_proxy_names(
    tmp_path: Path, proxies: str, address: str
) -> None:
    with behind_gunicorn(tmp_path, PATRON_PROXIES=proxies) as (port, token):
        ask(port, "PATCH", "/customers/115", token, {"forgot_password": "temporary"})
    (line,) = [
        json.loads(line) for line in (tmp_path / "log").read_text().splitlines() if '"secret_changed"' in line
    ]

    assert (line["address"], line["resource_id"], line["properties"]) == (address, 115, "forgot_password")
