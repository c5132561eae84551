"""A server that dies in the middle of a POST with a key: sent again after the restart, it is done once."""

import signal
import sys
from pathlib import Path

import pytest

from app.resources.customer import Customer
from tests.server.dying import MOMENTS
from tests.server.production import CUSTOMERS, Answer, Production, Unanswered, let_claims_run_out, production

COMMITTED = {"before_answering", "while_answering"}


def create(server: Production, key: str) -> Answer:
    """A guest, of whom nothing but the key keeps a second one from being made."""
    guest = {"email": "guest@example.com", "is_anonymous": True}
    return server.ask("POST", CUSTOMERS, guest, Idempotency_Key=key)


@pytest.mark.timeout(300)
def test_at_whatever_moment_the_server_dies_what_is_sent_again_is_done_once(
    database_url: str, tmp_path: Path
) -> None:
    with production(tmp_path, database_url) as server:
        for moment in MOMENTS:
            server.start(sys.executable, "-m", "tests.server.dying", moment)
            with pytest.raises(Unanswered):
                create(server, moment)
            assert server.wait() == -signal.SIGKILL
        server.start()
        assert server.rows(Customer) == len(COMMITTED)

        for moment in MOMENTS:
            answer = create(server, moment)
            if answer.status == 409:  # the claim of the process that died has not run out yet
                assert moment not in COMMITTED
                let_claims_run_out(server)
                answer = create(server, moment)
            assert answer.status == 201
            assert ("Idempotency-Replayed" in answer.headers) == (moment in COMMITTED)
            assert server.ask("GET", answer.headers["Location"]).status == 200
            assert create(server, moment).body == answer.body
        assert server.rows(Customer) == len(MOMENTS)
        total = server.ask("GET", f"{CUSTOMERS}?is_anonymous=true&limit=0").json["total_items"]
        assert total == len(MOMENTS)
