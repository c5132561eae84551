"""Mail: into the outbox or by SMTP, behind the requests that give rise to it."""

import re
import smtplib
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from app.mail import Mail, Outbox, Smtp, try_to_send
from tests.portal.customers import PORTAL, new_customer
from tests.portal.smtp import smtp_server
from tests.site import Site, open_site

ON_ONE_ENGINE = True


def forgotten(site: Site, email: Any) -> Any:
    return site.send("POST", f"{PORTAL}/forgot_password", {"email": email}, token=None)


MAIL = Mail("shop@example.com", "A Shop\r\nBcc: all@example.com", "ada@example.com", "One\nline", "Grüße\n")


def test_the_outbox_is_its_owners_alone_and_no_header_is_broken_into(tmp_path: Path) -> None:
    Outbox(tmp_path / "outbox").send(MAIL)
    (path,) = (tmp_path / "outbox").iterdir()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "\nBcc" not in text
    assert "Subject: One line\n" in text


def test_mail_is_sent_by_smtp(tmp_path: Path) -> None:
    with smtp_server() as server:
        Smtp(f"smtp://ada:s%20ecret@127.0.0.1:{server.port}").send(MAIL)

    (sent,) = server.mails
    assert sent.recipients == ["ada@example.com"]
    assert sent.sender == "shop@example.com"
    assert b"Subject: One line" in sent.content
    assert server.logins == [("ada", "s ecret")]


def test_a_domain_of_any_script_gets_its_mail() -> None:
    mail = Mail("shop@exämple.com", "Läden", "ada@exämple.com", "Grüße", "Grüße\n")
    assert b"To: ada@xn--exmple-cua.com\n" in mail.message.as_bytes()
    with smtp_server() as server:
        Smtp(f"smtp://127.0.0.1:{server.port}").send(mail)

    (sent,) = server.mails
    assert (sent.sender, sent.recipients) == ("shop@xn--exmple-cua.com", ["ada@xn--exmple-cua.com"])


def test_a_name_of_any_script_before_the_domain_stands_in_the_outbox_as_it_is(tmp_path: Path) -> None:
    Outbox(tmp_path).send(Mail("läden@exämple.com", "Läden", "ünï@exämple.com", "Grüße", "Grüße\n"))
    (path,) = tmp_path.iterdir()

    assert "To: ünï@xn--exmple-cua.com\n" in path.read_text()
    assert "<läden@xn--exmple-cua.com>" in path.read_text()


def test_a_server_that_takes_no_such_name_is_a_failure_that_is_told_in_the_log_alone() -> None:
    mail = Mail("shop@example.com", "A Shop", "ünï@exämple.com", "Grüße", "Grüße\n")
    with smtp_server() as server:
        try_to_send(Smtp(f"smtp://127.0.0.1:{server.port}"), mail)
    assert server.mails == []


def test_a_server_that_offers_no_tls_gets_no_mail_that_is_to_go_by_it() -> None:
    with smtp_server() as server, pytest.raises(smtplib.SMTPNotSupportedError):
        Smtp(f"smtp://127.0.0.1:{server.port}/?tls").send(MAIL)
    assert server.mails == []


def test_forgotten_passwords_go_by_smtp_where_it_is_configured(engine_name: str, tmp_path: Path) -> None:
    with smtp_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        with open_site(engine_name, tmp_path, smtp_url=url, outbox=str(tmp_path / "outbox")) as site:
            customer = new_customer(site)
            assert forgotten(site, customer.email).status_code == 200
            assert site.app.extensions["patron"].behind.finish(10)
            (sent,) = server.mails
            temporary = re.search(rb"^    (\S+)\r?$", sent.content, re.MULTILINE)
            assert temporary
            assert customer.sign_in(temporary[1].decode()).status_code == 200
            assert not (tmp_path / "outbox").exists()


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://nowhere.invalid"])
def test_a_server_that_is_down_fails_and_tells_nothing(engine_name: str, tmp_path: Path, url: str) -> None:
    with open_site(engine_name, tmp_path, smtp_url=url) as site:
        customer = new_customer(site)
        started = time.monotonic()
        known, nobody = forgotten(site, customer.email), forgotten(site, "nobody@example.com")

        assert time.monotonic() - started < 30
        assert known.status_code == nobody.status_code == 200
        assert known.data == nobody.data
        assert site.app.extensions["patron"].behind.finish(30)
        assert customer.sign_in().status_code == 200


def test_a_slow_server_holds_no_request_up(engine_name: str, tmp_path: Path) -> None:
    slow = smtp_server(delay=2)
    with slow as server, open_site(engine_name, tmp_path, smtp_url=f"smtp://127.0.0.1:{server.port}") as site:
        customer = new_customer(site)
        assert forgotten(site, customer.email).status_code == 200
        assert server.mails == []
        assert site.app.extensions["patron"].behind.finish(20)
        assert len(server.mails) == 1


def test_without_a_way_to_send_mail_nothing_is_told_either(engine_name: str, tmp_path: Path) -> None:
    with open_site(engine_name, tmp_path) as site:
        assert forgotten(site, new_customer(site).email).status_code == 200
        assert site.app.extensions["patron"].behind.finish(10)
