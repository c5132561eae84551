"""Whole documents of webhooks, their statuses and logs, as they are today."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.db.sessions import store_session
from app.encryption import Cipher
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus
from app.sandbox import STORE_ID
from tests.site import SECRET, Site, open_site
from tests.wire.test_goldens import FORMATS, readable, require_golden

DOCUMENTS = {
    "webhook": "/webhooks/7",
    "webhooks": "/stores/66/webhooks?event_resource=customer",
    "webhook_statuses": "/webhooks/7/statuses?resource_id=116&order=date_created desc",
    "webhook_log": "/webhook_logs/8?zoom=webhook",
}


@pytest.fixture(scope="module")
def webhooks_site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one webhook that was told of one event."""
    when = {name: datetime(2026, 3, 1, 12, tzinfo=UTC) for name in ("date_created", "date_modified")}
    told = {"webhook_id": 7, "resource_type": "customer", "resource_id": 116, "delivery": "5eed-7", **when}
    with open_site(engine_name, tmp_path_factory.mktemp("webhooks")) as opened:
        with store_session(opened.engine, STORE_ID) as session:
            session.add(
                Webhook(
                    id=7,
                    name="Newsletter",
                    format="json",
                    url="https://receiver.example/told",
                    query="zoom=default_billing_address",
                    encryption_key=Cipher(SECRET).encrypt("only the receiver knows"),
                    event_resource="customer",
                    **when,
                )
            )
            session.flush()
            one = {"event": "customer/modified", "sequence": 1, "status": "successful", "attempts": 2}
            session.add(WebhookStatus(id=9, next_at=0, **one, **told))
            session.add(WebhookLog(id=8, response_code="503", response_body="later <please>", **told))
        yield opened


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_of_webhooks_is_as_it_was(webhooks_site: Site, name: str, media_type: str) -> None:
    found = readable(webhooks_site.ask(DOCUMENTS[name], media_type).data, media_type)
    require_golden(f"{name}.{FORMATS[media_type]}", found)
