"""The windows that are documented are those that requests are counted in, and every answer tells of them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.rate_limits import POLICIES
from app.sandbox import CLIENT
from tests.logs import captured_logs
from tests.portal.customers import PORTAL
from tests.site import Site, hash_cheaply, open_site
from tests.wire.oauth import Browser, add_client, ask_token, by_sandbox, post

EMAIL = "ada@example.com"

Ask = Callable[[Site], TestResponse]


@pytest.fixture(scope="module")
def limited(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the limits that are documented."""
    with open_site(engine_name, tmp_path_factory.mktemp("limited"), rate_limits="") as opened:
        hash_cheaply(opened)
        yield opened


def portal(site: Site, name: str, **given: str) -> TestResponse:
    return site.send("POST", f"{PORTAL}/{name}", {"email": EMAIL, **given}, token=None)


def at_authorize(site: Site) -> TestResponse:
    return Browser(site, add_client(site)[0]).send("sign_in", email=EMAIL, password="wrong")


COUNTED: dict[str, Ask] = {
    "token": lambda site: by_sandbox(site, "refresh_token", refresh_token=site.refresh_token),
    "authorize": at_authorize,
    "authenticate": lambda site: portal(site, "authenticate", password="wrong"),
    "forgot_password": lambda site: portal(site, "forgot_password"),
    "sign_up": lambda site: portal(site, "sign_up"),
    "bootstrap": lambda site: site.send("POST", "/clients", {}, token=None),
}
"""A request for each of the things that are counted; of `mail` no answer tells."""


def windows(answer: TestResponse) -> list[str]:
    """The windows that an answer tells of; both headers name the same."""
    told = [re.findall(r'"([a-z_.]+)"', answer.headers.get(name, "")) for name in NAMES]
    assert told[0] == told[1]
    return told[0]


NAMES = ("RateLimit", "RateLimit-Policy")


@pytest.mark.parametrize("what", sorted(COUNTED))
def test_each_window_is_taken_from_over_the_wire(limited: Site, what: str) -> None:
    each = POLICIES[what]  # type: ignore[index]
    assert windows(COUNTED[what](limited)) == [f"{what}.{per}" for per in each]


def test_nothing_else_is_counted() -> None:
    assert set(POLICIES) == {*COUNTED, "mail"}


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda site: post(site, "/token", b"grant_type=nonsense"), 400),
        (lambda site: ask_token(site, basic="nobody:x", grant_type="client_credentials"), 401),
        (lambda site: site.ask("/authorize", token=None), 400),
        (lambda site: site.ask(f"/authorize?client_id={CLIENT}", token=None), 303),
        (lambda site: site.send("POST", "/clients", {}, token=None), 400),
        (lambda site: portal(site, "authenticate", password="wrong"), 401),
    ],
)
def test_a_failure_tells_of_windows_too(limited: Site, ask: Ask, status: int) -> None:
    answer = ask(limited)
    assert answer.status_code == status, answer.text
    assert windows(answer)


def test_a_refusal_tells_of_the_windows_before_it_too(engine_name: str, tmp_path: Path) -> None:
    with open_site(engine_name, tmp_path, rate_limits="token.client=1/hour") as site:
        answers = [COUNTED["token"](site) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert windows(answers[1]) == ["token.address", "token.client"]
    assert answers[1].headers.getlist("RateLimit")[0].count(";r=0;") == 1


def test_what_is_counted_by_account_is_told_of_by_a_pseudonym(engine_name: str, tmp_path: Path) -> None:
    with captured_logs() as lines, open_site(engine_name, tmp_path, rate_limits="mail.account=1/day") as site:
        hash_cheaply(site)
        portal(site, "authenticate", password="wrong")
        for _ in range(2):
            portal(site, "forgot_password")

    (failed,), (throttled,) = lines.of("audit", what="sign_in_failed"), lines.of("audit", what="throttled")
    assert re.fullmatch("[0-9a-f]{32}", failed["account"])
    assert failed["account"] == throttled["account"]
    assert (throttled["reason"], throttled["store_id"]) == ("mail.account", 66)
    assert "ada" not in lines.text
