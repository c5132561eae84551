"""webhook: where a store's events are told, and with which key they are signed."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError
from sqlalchemy import Index, String, inspect
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Author, StoreRow
from app.db.types import Ciphertext, ordered_text
from app.events.parts import told
from app.hypermedia import TO_STORE, WRITE, Relation, ResourceType
from app.receivers import LEAST, MARKED, fault_in_url, marked_key
from app.schema import Invalid, of

JSON = "json"


class Webhook(StoreRow):
    """A receiver of a store's events. `exhausted` counts the deliveries in a row that were given up."""

    __tablename__ = "webhook"
    __table_args__ = (
        Index("ix_webhook_store_id_event_resource", "store_id", "event_resource"),
        {"sqlite_with_rowid": False},
    )
    tally = ""

    name: Mapped[str] = mapped_column(ordered_text(255))
    format: Mapped[str] = mapped_column(ordered_text(20))
    payload_version: Mapped[int] = mapped_column(default=2)
    url: Mapped[str | None] = mapped_column(ordered_text(1000))
    query: Mapped[str | None] = mapped_column(String(1000))
    encryption_key: Mapped[str | None] = mapped_column(Ciphertext(6000))
    event_resource: Mapped[str] = mapped_column(ordered_text(20))
    is_active: Mapped[int] = mapped_column(default=1)
    exhausted: Mapped[int] = mapped_column(default=0)

    def wakes(self) -> bool:
        """When it is switched on."""
        return bool(self.is_active and inspect(self).attrs.is_active.history.deleted)

    @classmethod
    def check(cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author) -> None:
        """The query must fit the resource, and the address be one that deliveries go to."""
        whole = {**(current or {}), **given}
        faults: list[tuple[str, str]] = []
        if given.get("url") and (fault := author.url_fault(given["url"])):
            faults.append(("url", fault))
        if whole.get("query") and given.keys() & {"query", "event_resource"}:
            fault = author.query_fault(str(whole.get("event_resource")), whole["query"])
            faults += [("query", fault)] if fault else []
        if faults:
            raise Invalid(*faults)

    @classmethod
    def columns(
        cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author
    ) -> dict[str, Any]:
        """Encrypts the key; one that is switched on again begins anew."""
        made = {_COLUMNS.get(name, name): value for name, value in given.items()}
        if given.get("encryption_key"):
            made["encryption_key"] = author.encrypt(given["encryption_key"])
        if current is not None and given.get("is_active"):
            made["exhausted"] = 0
        return made


_COLUMNS = {"version": "payload_version"}


def _format(value: str) -> None:
    if value != JSON:
        others = {"webflow", "zapier"}
        text = f"{value} is told nothing here, only json is" if value in others else "must be json"
        raise ValidationError(text)


def _resource(value: str) -> None:
    if value == "transaction_log":
        raise ValidationError("transaction_log is not among what is told here")
    if value not in told():
        raise ValidationError(f"must be one of {', '.join(sorted(told()))}")


def _key(value: str) -> None:
    if value.startswith(MARKED) and len(marked_key(value) or b"") < LEAST:
        raise ValidationError(f"must be {MARKED} and the base64 of {LEAST} bytes or more")


def _url(value: str) -> None:
    if value and (fault := fault_in_url(value)):
        raise ValidationError(fault)


class WebhookSchema(Schema):
    """The properties of a webhook, in hAPI's order."""

    name = of(Webhook.name, "What you call it.", required=True, example="ERP sync")
    format = of(Webhook.format, "How it is told: json.", required=True, checks=[_format], example="json")
    version = of(Webhook.payload_version, "The version of what it is told: 2.", within=(2, 2))
    url = of(
        Webhook.url,
        "Where it is told: an http or https address. Password hashes are told over https alone.",
        required=True,
        audited=True,
        checks=[_url],
        example="https://erp.example.com/told",
    )
    query = of(
        Webhook.query,
        "A query that is applied to what it is told, as one would read the resource with it:"
        " zoom=default_billing_address&fields=email.",
        example="zoom=attributes",
    )
    encryption_key = of(
        Webhook.encryption_key,
        "The key of the signatures by which the receiver knows who tells it. One that begins with whsec_ goes"
        " on in base64, as Standard Webhooks have it.",
        required=True,
        most=1000,
        secret=True,
        checks=[_key],
        example="a key of your own, long and drawn at random",
    )
    event_resource = of(
        Webhook.event_resource,
        "Whose events it is told: customer, transaction or subscription. What waits already is told all the"
        " same after it is changed.",
        required=True,
        checks=[_resource],
        example="customer",
    )
    is_active = of(
        Webhook.is_active,
        "1 where it is told, 0 where all waits until it is 1 again. It becomes 0 by itself after 12"
        " deliveries in a row that were given up; these go out again when it is switched on.",
        within=(0, 1),
        audited=True,
    )
    date_created = of(Webhook.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Webhook.date_modified, "When this resource was last modified.", read_only=True)


WEBHOOK = ResourceType(
    name="webhook",
    row=Webhook,
    schema=WebhookSchema,
    path="/webhooks/{id}",
    title="This Webhook",
    meaning="A receiver of a store's events: it is told of each by a POST that is signed.",
    methods=WRITE,
    relations=(
        TO_STORE,
        Relation(
            name="webhooks",
            title="Webhooks for this Store",
            href="/stores/{store_id}/webhooks",
            target="webhook",
            many=True,
        ),
        Relation(
            name="statuses",
            title="Statuses for this Webhook",
            href="/webhooks/{id}/statuses",
            meaning="What has become of each event for a webhook.",
            target="webhook_status",
            many=True,
            child_key="webhook_id",
        ),
        Relation(
            name="logs",
            title="Logs for this Webhook",
            href="/webhooks/{id}/logs",
            meaning="Each attempt to tell a webhook, and what it answered.",
            target="webhook_log",
            many=True,
            child_key="webhook_id",
        ),
    ),
)
