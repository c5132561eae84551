"""What customers are told by mail when a way into their account has changed, lest it was somebody else."""

from collections.abc import Mapping
from typing import Literal

from app.behind import Behind
from app.mail import Mail, Mailer, try_to_send
from app.portal.portals import Portal

Changed = Literal["password", "email"]

SUBJECTS: Mapping[Changed, str] = {
    "password": "Your password at {store_name} has been changed",
    "email": "Your email address at {store_name} has been changed",
}

TEXT = """{subject}.

If it was you, there is nothing to do. If it was not, please tell us: {store_email}
"""


class Notices:
    """Sends notices, behind the requests that give rise to them."""

    def __init__(self, mailer: Mailer, behind: Behind) -> None:
        self._mailer, self._behind = mailer, behind

    def send(self, portal: Portal, email: str, changed: Changed) -> None:
        """Tells whoever had this address until now."""
        subject = SUBJECTS[changed].format(store_name=portal.store_name)
        text = TEXT.format(subject=subject, store_email=portal.sender)
        mail = Mail(portal.sender, portal.store_name, email, subject, text)
        self._behind.do(lambda: try_to_send(self._mailer, mail))
