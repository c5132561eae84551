"""Secrets at rest: what must be shown again (temporary passwords) is stored only encrypted."""

import base64
import hashlib
import hmac

import structlog
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.emails import fold_email

log = structlog.get_logger()

PSEUDONYM = 32
"""The characters of a pseudonym: 128 bits, so that no two are alike."""


class Cipher:
    """Encrypts and decrypts with a key derived from the operator's secret key."""

    def __init__(self, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derived_key(secret_key, b"patron: secrets at rest")))
        self._fingerprints = derived_key(secret_key, b"patron: fingerprints")

    def encrypt(self, text: str) -> str:
        """The stored form."""
        return self._fernet.encrypt(text.encode()).decode()

    def pseudonym(self, *parts: object) -> str:
        """A short name, always the same, for what must not be stored or shared by its own."""
        text = "\n".join(str(part) for part in parts)
        return self.fingerprint(text.encode(errors="backslashreplace"))[:PSEUDONYM]

    def account(self, store_id: int, email: str) -> str:
        """The pseudonym of an account, in any spelling of its email; it need not exist."""
        return self.pseudonym("sign-in", store_id, fold_email(email))

    def fingerprint(self, content: bytes) -> str:
        """What tells whether content is the same again, and nothing else about it without the key."""
        return hmac.new(self._fingerprints, content, hashlib.sha256).hexdigest()

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
