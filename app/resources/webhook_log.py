"""webhook_log: one attempt to tell a webhook of an event, and what its receiver answered."""

from marshmallow import Schema
from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.indexes import index_walk
from app.db.tables import StoreRow, owned_by
from app.db.types import ordered_text
from app.hypermedia import TO_STORE, TO_WEBHOOK, ResourceType
from app.schema import of


class WebhookLog(StoreRow):
    """An attempt. `response_code` is a status, or a word for what kept it from being answered."""

    __tablename__ = "webhook_log"
    __table_args__ = (
        owned_by("webhook", "webhook_id"),
        Index("ix_webhook_log_store_id_webhook_id_id", "store_id", "webhook_id", "id"),
        Index(
            "ix_webhook_log_store_id_webhook_id_resource_id_id", "store_id", "webhook_id", "resource_id", "id"
        ),
        {"sqlite_with_rowid": False},
    )
    webhook_id: Mapped[int]
    resource_type: Mapped[str] = mapped_column(ordered_text(20))
    resource_id: Mapped[int]
    delivery: Mapped[str] = mapped_column(String(64))
    response_code: Mapped[str] = mapped_column(ordered_text(20))
    response_body: Mapped[str | None] = mapped_column(Text)


index_walk(WebhookLog, "webhook_id", "date_created")


class WebhookLogSchema(Schema):
    """The properties of an attempt: hAPI's, then ours."""

    resource_type = of(WebhookLog.resource_type, "What was told of: customer, …", read_only=True)
    resource_id = of(WebhookLog.resource_id, "The id of the resource that was told of.", read_only=True)
    webhook_id = of(WebhookLog.webhook_id, "The webhook that was told.", read_only=True)
    response_code = of(
        WebhookLog.response_code,
        "The status of its answer, or a word for what kept it from answering: timeout, unresolved, …",
        read_only=True,
    )
    response_body = of(WebhookLog.response_body, "The beginning of its answer.", read_only=True)
    delivery = of(
        WebhookLog.delivery, "The id under which it was told: the same at each try.", read_only=True
    )
    date_created = of(WebhookLog.date_created, "When this resource was created.", read_only=True)
    date_modified = of(WebhookLog.date_modified, "When this resource was last modified.", read_only=True)


WEBHOOK_LOG = ResourceType(
    name="webhook_log",
    row=WebhookLog,
    schema=WebhookLogSchema,
    path="/webhook_logs/{id}",
    title="This Webhook Log",
    meaning="An attempt to tell a webhook, and what it answered.",
    relations=(TO_STORE, TO_WEBHOOK),
)
