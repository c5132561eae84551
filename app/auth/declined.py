"""What the OAuth endpoints decline, as RFC 6749 §5.2 words it: a code and a sentence, in flat JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class Declined(Exception):
    """A request that gets no token, and why. The sentences are those of bshaffer's server, as hAPI's are."""

    error: str
    description: str
    status: int = 400
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, str]:
        """The members of the answer."""
        return {"error": self.error, "error_description": self.description}


def invalid_request(description: str) -> Declined:
    """A request that lacks something, says it twice, or cannot be read."""
    return Declined("invalid_request", description)


def invalid_grant(description: str) -> Declined:
    """A code or refresh token that is none of this client's, or no longer one."""
    return Declined("invalid_grant", description)
