"""Forgotten passwords: a temporary one is mailed, good for half an hour and for one sign-in."""

import secrets
from collections.abc import Callable

from sqlalchemy import Engine, update

from app.behind import Behind
from app.db.tables import now
from app.encryption import Cipher
from app.mail import Mail, Mailer, try_to_send
from app.portal.authentication import TEMPORARY_MINUTES, Account, Accounts
from app.portal.portals import Portal
from app.resources.customer import Customer

SENT = "If this is the email address of a customer, a temporary password is on its way there."

TEXT = """Somebody, probably you, has asked for a new password at {store_name}.

Sign in with this temporary password within {minutes} minutes,
and then set a new one:

    {temporary}

It works once. If it was not you who asked, do nothing:
your password is what it was.
"""


class Forgotten:
    """Sends temporary passwords, behind the requests that ask for them."""

    def __init__(
        self, engine: Engine, accounts: Accounts, cipher: Cipher, mailer: Mailer, behind: Behind
    ) -> None:
        self._engine, self._accounts, self._cipher = engine, accounts, cipher
        self._mailer, self._behind = mailer, behind

    def ask(self, portal: Portal, email: str) -> None:
        """Sends one to the customer who has this email, if there is one."""
        self._behind.do(self._work(portal, email))

    def _work(self, portal: Portal, email: str) -> Callable[[], None]:
        def work() -> None:
            account = self._accounts.of_email(portal.store_id, email)
            if account is None or not account.is_active:
                return
            temporary = secrets.token_urlsafe(12)
            if self._set(portal.store_id, account, temporary):
                self._send(portal, account.email, temporary)

        return work

    def _set(self, store_id: int, account: Account, temporary: str) -> bool:
        """Keeps it in place of any that was sent before, unless it would be mailed to a former email."""
        mine = (Customer.store_id == store_id, Customer.id == account.customer_id)
        still = update(Customer).where(*mine, Customer.email == account.email, Customer.is_active)
        with self._engine.begin() as connection:
            kept = connection.execute(
                still.values(
                    forgot_password=self._cipher.encrypt(temporary),
                    forgot_password_timestamp=now(),
                    version=Customer.version + 1,
                )
            )
        return bool(kept.rowcount)

    def _send(self, portal: Portal, email: str, temporary: str) -> None:
        mail = Mail(
            sender=portal.sender,
            sender_name=portal.store_name,
            recipient=email,
            subject=f"Your temporary password at {portal.store_name}",
            text=TEXT.format(store_name=portal.store_name, minutes=TEMPORARY_MINUTES, temporary=temporary),
        )
        try_to_send(self._mailer, mail)
