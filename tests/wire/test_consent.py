"""The pages of /authorize: signing in, consent, and what other sites' pages cannot do there."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import insert, update

from app.auth.browser_session import COOKIE, SECONDS
from app.passwords import hash_password, observers
from app.resources.user import User
from app.sandbox import PASSWORD
from app.sandbox.owner import USER_EMAIL, USER_ID
from tests.site import Site, open_site
from tests.wire.oauth import Browser, add_client, sent_back

ON_ONE_ENGINE = True

WRONG = "That email and password do not belong together."
EXPIRED = "This form has expired"


def add_user(site: Site, email: str, password: str | None) -> None:
    hashed = hash_password(password, "bcrypt", "4").hash if password else None
    named = {
        "first_name": "Una",
        "last_name": "User",
        "email": email,
        "email_key": email,
        "is_sandbox": False,
    }
    flags = dict.fromkeys(("is_programmer", "is_front_end_developer", "is_designer", "is_merchant"), False)
    row = {"id": hash(email) % 10**6 + 100, "version": 1, "password_hash": hashed, **named, **flags}
    with site.engine.begin() as connection:
        connection.execute(insert(User.__table__).values(row))


@pytest.fixture(scope="module")
def failing_site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a user who has no password; nobody fails there so often as to wait."""
    with open_site(engine_name, tmp_path_factory.mktemp("failing")) as opened:
        add_user(opened, "none@example.com", None)
        yield opened


@pytest.fixture
def browser(shared_site: Site) -> Browser:
    """A browser that a client has sent to /authorize."""
    return Browser(shared_site, add_client(shared_site)[0])


def test_who_is_not_signed_in_is_asked_to(browser: Browser) -> None:
    assert browser.page.status_code == 200
    assert "Sign in to continue to Project" in browser.page.text
    assert "Allow" not in browser.page.text


def test_consent_says_who_asks_for_what_and_where_it_leads(browser: Browser) -> None:
    page = browser.sign_in().page

    for said in ("Project", "A company", "https://app.example", "everything in the store", "Sam Okonkwo"):
        assert said in page.text
    assert "The Foxglove Bookshop" in page.text
    assert "Nordlys" not in page.text, "that store is not this user's"


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("store_read_access", "no passwords and no keys"),
        ("user_full_access", "your own details"),
    ],
)
def test_consent_says_what_a_scope_means(shared_site: Site, scope: str, said: str) -> None:
    page = Browser(shared_site, add_client(shared_site)[0], scope=scope).sign_in().page

    assert said in page.text
    assert ("In which store?" in page.text) == scope.startswith("store")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (USER_EMAIL, "wrong"),
        (USER_EMAIL, ""),
        (USER_EMAIL, PASSWORD + " "),
        (USER_EMAIL, "x" * 5000),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("x" * 5000, PASSWORD),
        ("none@example.com", PASSWORD),
        ("none@example.com", ""),
    ],
)
def test_every_failed_sign_in_costs_and_says_the_same(failing_site: Site, email: str, password: str) -> None:
    browser, hashed = Browser(failing_site, add_client(failing_site)[0]), []
    observers.append(lambda *done: hashed.append(done))
    try:
        answer = browser.send("sign_in", email=email, password=password)
    finally:
        observers.pop()

    assert answer.status_code == 403
    assert WRONG in answer.text
    assert "Set-Cookie" not in answer.headers
    assert len([each for each in hashed if each[0] == "bcrypt"]) == len(hashed) >= 1
    assert not [secret for secret in (password, email) if len(secret) > 20 and secret in answer.text]


def test_a_user_without_a_password_cannot_sign_in(failing_site: Site) -> None:
    browser = Browser(failing_site, add_client(failing_site)[0])

    assert browser.send("sign_in", email="none@example.com", password="").status_code == 403


def test_an_email_signs_in_in_any_spelling(browser: Browser) -> None:
    assert "Allow" in browser.sign_in(USER_EMAIL.upper()).page.text


def test_failed_sign_ins_make_the_next_ones_wait(own_site: Site) -> None:
    browser = Browser(own_site, add_client(own_site)[0])
    answers = [browser.send("sign_in", email="a@example.com", password="wrong") for _ in range(7)]

    assert [each.status_code for each in answers] == [403] * 6 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "try again" in answers[-1].text


def test_pages_and_sign_ins_are_limited(engine_name: str, tmp_path: Any) -> None:
    with open_site(engine_name, tmp_path, rate_limits="authorize.address=3/minute") as site:
        client, _ = add_client(site)
        browser = Browser(site, client)
        statuses = [browser.http.get(browser.query).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


FORGED: tuple[dict[str, str], ...] = ({}, {"form_token": ""}, {"form_token": "x"}, {"form_token": "é"})


@pytest.mark.parametrize("act", ["allow", "deny", "sign_out", "sign_in"])
@pytest.mark.parametrize("forged", FORGED)
def test_a_form_of_another_sites_page_is_refused(browser: Browser, act: str, forged: dict[str, str]) -> None:
    browser.code()
    sent = {"act": act, "store_id": "66", "email": USER_EMAIL, "password": PASSWORD, **forged}
    answer = browser.http.post(browser.query, data=sent)

    assert (answer.status_code, EXPIRED in answer.text) == (403, True)
    assert "Location" not in answer.headers
    assert "Allow" in browser.open().text, "the user is still signed in, and still asked"


def test_another_visits_form_is_refused(shared_site: Site) -> None:
    client, _ = add_client(shared_site)
    mine, another = Browser(shared_site, client), Browser(shared_site, client)
    mine.code()
    sent = {"act": "allow", "store_id": "66", "form_token": another.form_token}

    assert mine.http.post(mine.query, data=sent).status_code == 403
    another.http.delete_cookie(COOKIE, path="/authorize")
    assert another.send("sign_in", email=USER_EMAIL, password=PASSWORD).status_code == 403


def test_a_form_from_before_sign_in_no_longer_counts(browser: Browser) -> None:
    before = browser.form_token
    browser.sign_in()
    sent = {"act": "allow", "store_id": "66", "form_token": before}

    assert browser.http.post(browser.query, data=sent).status_code == 403


@pytest.mark.parametrize("store_id", ["67", "0", "", "x", "-66", "66.0", "٦٦", "9" * 30])
def test_only_a_store_of_ones_own_can_be_chosen(browser: Browser, store_id: str) -> None:
    browser.code()
    answer = browser.open() and browser.send("allow", store_id=store_id)

    assert (answer.status_code, "Choose one of your stores" in answer.text) == (400, True)
    assert "Location" not in answer.headers


def test_who_is_not_signed_in_allows_nothing(browser: Browser) -> None:
    answer = browser.send("allow", store_id="66")

    assert (answer.status_code, "Sign in to continue" in answer.text) == (403, True)


def test_an_act_that_there_is_not_is_refused(browser: Browser) -> None:
    assert browser.send("nonsense").status_code == 400


def test_who_signs_out_is_asked_to_sign_in_again(shared_site: Site) -> None:
    browser = Browser(shared_site, add_client(shared_site)[0]).sign_in()
    assert browser.send("sign_out").status_code == 303

    assert "Sign in to continue" in browser.open().text


def test_the_cookie_is_out_of_scripts_reach_and_of_other_sites(browser: Browser) -> None:
    cookie = browser.page.headers["Set-Cookie"]

    assert {"HttpOnly", "SameSite=Lax", "Path=/authorize", f"Max-Age={SECONDS}"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_cookie_is_secure_where_the_server_is(engine_name: str, tmp_path: Any) -> None:
    with open_site(engine_name, tmp_path, base_url="https://shop.example/patron") as site:
        page = Browser(site, add_client(site)[0]).page
    flags = page.headers["Set-Cookie"].split("; ")
    assert {"Secure", "HttpOnly", "Path=/patron/authorize"} <= set(flags)
    assert 'action="https://shop.example/patron/authorize?' in page.text


def test_a_session_ends_after_an_hour(shared_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(shared_site, add_client(shared_site)[0]).sign_in()
    now = TimestampSigner.get_timestamp
    for seconds, shown in ((SECONDS - 60, "Allow"), (SECONDS + 60, "Sign in to continue")):
        monkeypatch.setattr(
            TimestampSigner, "get_timestamp", lambda signer, later=seconds: now(signer) + later
        )
        page = browser.http.get(browser.query)
        assert shown in page.text
        assert ("Set-Cookie" in page.headers) == (shown != "Allow"), "looking does not prolong it"


def test_a_session_ends_when_the_password_changes(own_site: Site) -> None:
    browser = Browser(own_site, add_client(own_site)[0]).sign_in()
    other = hash_password("another password", "bcrypt", "4").hash
    with own_site.engine.begin() as connection:
        connection.execute(update(User.__table__).where(User.id == USER_ID).values(password_hash=other))

    assert "Sign in to continue" in browser.open().text


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "é", "eyJ1c2VyIjoxfQ.aaaaaa.bbbbbb"])
def test_a_forged_cookie_is_none(shared_site: Site, cookie: str) -> None:
    browser = Browser(shared_site, add_client(shared_site)[0])
    with shared_site.app.test_client(use_cookies=False) as http:
        page = http.get(browser.query, headers={"Cookie": f"{COOKIE}={cookie}"})

    assert "Sign in to continue" in page.text


def test_pages_run_no_script_and_are_neither_framed_nor_kept(browser: Browser) -> None:
    pages = [browser.page, browser.sign_in().page, browser.http.get("/authorize")]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script" not in page.text
        assert " style=" not in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_what_clients_and_users_call_themselves_is_text(shared_site: Site) -> None:
    named = dict.fromkeys(("project_name", "company_name", "company_url"), HOSTILE)
    client, _ = add_client(shared_site, **named)
    browser = Browser(shared_site, client, state=HOSTILE)
    for page in (browser.page, browser.sign_in().page):
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert re.search("alert", page.text)
    assert sent_back(browser.send("deny"))["state"] == HOSTILE
