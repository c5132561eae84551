"""Secrets at rest: what must be shown again (temporary passwords) is stored only encrypted."""

import base64
import hashlib
import hmac
from contextlib import suppress

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.emails import fold_email

log = structlog.get_logger()

PSEUDONYM = 32
"""The characters of a pseudonym: 128 bits, so that no two are alike."""


class Unreadable(Exception):
    """What is stored was encrypted with none of the keys that are known."""


class Cipher:
    """Encrypts with a key derived from the operator's secret key; reads what any of several has made."""

    def __init__(self, secret_key: str, *others: str) -> None:
        """A cipher.

        :param others: further secret keys, whose values can be read, and are made no more.
        """
        keys = (secret_key, *others)
        made = [base64.urlsafe_b64encode(derived_key(each, b"patron: secrets at rest")) for each in keys]
        self._first = Fernet(made[0])
        self._fernet = MultiFernet([Fernet(each) for each in made])
        self._fingerprints = [derived_key(each, b"patron: fingerprints") for each in keys]

    def encrypt(self, text: str) -> str:
        """The stored form."""
        return self._first.encrypt(text.encode()).decode()

    def encrypted_anew(self, stored: str) -> str | None:
        """What another key has encrypted, encrypted with the first; None where that is done already.

        :raises Unreadable: where none of the keys has made it.
        """
        with suppress(InvalidToken):
            self._first.decrypt(stored.encode())
            return None
        try:
            return self._fernet.rotate(stored.encode()).decode()
        except InvalidToken:
            raise Unreadable from None

    def pseudonym(self, *parts: object) -> str:
        """A short name, always the same, for what must not be stored or shared by its own."""
        return self.pseudonyms(*parts)[0]

    def pseudonyms(self, *parts: object) -> list[str]:
        """The pseudonyms that each of the keys gives, the first that of the first."""
        text = "\n".join(str(part) for part in parts).encode(errors="backslashreplace")
        return [each[:PSEUDONYM] for each in self.fingerprints(text)]

    def account(self, store_id: int, email: str) -> str:
        """The pseudonym of an account, in any spelling of its email; it need not exist."""
        return self.accounts(store_id, email)[0]

    def accounts(self, store_id: int, email: str) -> list[str]:
        """The pseudonyms of an account that each of the keys gives."""
        return self.pseudonyms("sign-in", store_id, fold_email(email))

    def fingerprint(self, content: bytes) -> str:
        """What tells whether content is the same again, and nothing else about it without the key."""
        return self.fingerprints(content)[0]

    def fingerprints(self, content: bytes) -> list[str]:
        """The fingerprints that each of the keys gives."""
        return [hmac.new(each, content, hashlib.sha256).hexdigest() for each in self._fingerprints]

    def decrypt(self, stored: str | None) -> str | None:
        """The text; None, and a line in the log, where another key made it."""
        if not stored:
            return stored
        try:
            return self._fernet.decrypt(stored.encode()).decode()
        except InvalidToken:
            log.error("secret_unreadable", remedy="start with the key it was stored with")  # noqa: TRY400 - no trace
            return None


def derived_key(secret_key: str, purpose: bytes) -> bytes:
    """A key for one purpose alone, made of the operator's."""
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret_key.encode())
