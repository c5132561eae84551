"""Asking for temporary passwords often: strangers keep no owner from one, and fill no mailbox."""

from pathlib import Path

from tests.portal.customers import PORTAL, mail_to, new_customer, temporary_password
from tests.site import Site, hash_cheaply, open_site


def forget(site: Site, email: str, address: str) -> tuple[int, bytes]:
    answer = site.send(
        "POST", f"{PORTAL}/forgot_password", {"email": email}, token=None, X_Forwarded_For=address
    )
    return answer.status_code, answer.data


def test_strangers_keep_no_owner_from_a_new_password(engine_name: str, tmp_path: Path) -> None:
    with open_site(engine_name, tmp_path, rate_limits="", proxies=1, outbox=str(tmp_path)) as site:
        hash_cheaply(site)
        owner = new_customer(site)
        strangers = [forget(site, owner.email, f"198.51.100.{number % 2}")[0] for number in range(12)]
        assert sorted(strangers) == [200] * 10 + [429] * 2
        told = forget(site, owner.email, "192.0.2.1")

        mails = mail_to(site, tmp_path, owner.email)
        assert told == forget(site, "nobody@example.com", "192.0.2.1")
        assert (told[0], len(mails)) == (200, 10)
        latest = {temporary_password(mail) for mail in mails}
        assert owner.shown()["forgot_password"] in latest, "the last one that was sent is not voided"
