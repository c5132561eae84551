"""Whether whoever registers is a person: hCaptcha says so."""

import json
from typing import Protocol
from urllib.parse import urlencode

import structlog
import urllib3

log = structlog.get_logger()

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
MOST_BYTES = 64 * 1024


class CaptchaUnavailable(Exception):
    """The service that knows does not answer."""


class Captcha(Protocol):
    """Tells people from programs."""

    def is_person(self, secret: str, token: str, address: str) -> bool:
        """Whether the token was given to a person.

        :raises CaptchaUnavailable: where nobody can say.
        """


class HCaptcha:
    """Asks hCaptcha, or what stands in for it."""

    def __init__(self, url: str) -> None:
        self._url = url
        patience = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._pool = urllib3.PoolManager(timeout=patience, retries=False)

    def is_person(self, secret: str, token: str, address: str) -> bool:
        """Whether the token was given to a person.

        :raises CaptchaUnavailable: where there is no answer that makes sense.
        """
        fields = {"secret": secret, "response": token, "remoteip": address}
        try:
            answer = self._pool.urlopen(
                "POST",
                self._url,
                body=urlencode(fields),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                preload_content=False,
                redirect=False,
            )
            with answer:
                if answer.status != 200:
                    raise CaptchaUnavailable(f"it answers {answer.status}")
                said = json.loads(answer.read(MOST_BYTES))
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            log.warning("captcha_unavailable", error=type(error).__name__)
            raise CaptchaUnavailable(type(error).__name__) from error
        return isinstance(said, dict) and said.get("success") is True
