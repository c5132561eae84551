"""How many passwords a batch may set: each takes a core a fifth of a second, and a batch keeps one thread."""

from dataclasses import dataclass

from app.errors import Refusal
from app.passwords import Hashed, hash_password

MOST_PASSWORDS = 20


@dataclass(slots=True)
class Passwords:
    """The passwords that one batch has set so far."""

    count: int = 0

    def hash(self, password: str, hash_type: str, config: str | None) -> Hashed:
        """What is stored of one more.

        :raises Refusal: 400 where the batch has set as many as it may; as `hash_password` besides.
        """
        if self.count >= MOST_PASSWORDS:
            message = f"a batch sets at most {MOST_PASSWORDS} passwords: set the others by further batches"
            raise Refusal.of(400, message, properties=["password"], code="too_many")
        self.count += 1
        return hash_password(password, hash_type, config)
