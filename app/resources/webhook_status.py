"""webhook_status: what has become of one event for one webhook."""

from marshmallow import Schema
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Index,
    Integer,
    String,
    Text,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.indexes import index_walk
from app.db.tables import StoreRow, owned_by
from app.db.types import ordered_text
from app.events.states import PENDING
from app.hypermedia import TO_STORE, TO_WEBHOOK, ResourceType
from app.schema import of

_PENDING = text(f"status = '{PENDING}'")


class WebhookStatus(StoreRow):
    """A delivery. Those of one webhook about one resource are told one after another, by `sequence`.

    `delivery` is the name by which a receiver knows a duplicate. `begun_at` (when it was first tried),
    `next_at` and `lease_until` are seconds since 1970; `payload` is what was first sent, kept while it may
    be sent again.
    """

    __tablename__ = "webhook_status"
    __table_args__ = (
        owned_by("webhook", "webhook_id"),
        Index("ix_webhook_status_store_id_webhook_id_id", "store_id", "webhook_id", "id"),
        Index(
            "ix_webhook_status_store_id_webhook_id_resource_id_id",
            "store_id",
            "webhook_id",
            "resource_id",
            "id",
        ),
        Index(
            "ix_webhook_status_due",
            "store_id",
            "webhook_id",
            "next_at",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(
            "ix_webhook_status_in_order",
            "store_id",
            "webhook_id",
            "resource_type",
            "resource_id",
            "sequence",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        {"sqlite_with_rowid": False},
    )
    webhook_id: Mapped[int]
    resource_type: Mapped[str] = mapped_column(ordered_text(20))
    resource_id: Mapped[int]
    event: Mapped[str] = mapped_column(ordered_text(40))
    delivery: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(ordered_text(10), default=PENDING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    begun_at: Mapped[int | None] = mapped_column(BigInteger)
    next_at: Mapped[int] = mapped_column(BigInteger)
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[int] = mapped_column(BigInteger, default=0)
    payload: Mapped[str | None] = mapped_column(Text)


index_walk(WebhookStatus, "webhook_id", "date_created")


def is_pending(rows: FromClause) -> ColumnElement[bool]:
    """That such rows are pending; written out, or SQLite could not tell that an index of those serves."""
    pending: ColumnElement[bool] = rows.c.status == literal_column(f"'{PENDING}'")
    return pending


class WebhookStatusSchema(Schema):
    """The properties of a delivery: hAPI's, then ours."""

    resource_type = of(WebhookStatus.resource_type, "What is told of: customer, …", read_only=True)
    resource_id = of(WebhookStatus.resource_id, "The id of the resource that is told of.", read_only=True)
    webhook_id = of(WebhookStatus.webhook_id, "The webhook that is told.", read_only=True)
    status = of(
        WebhookStatus.status,
        "pending while it may be told yet, successful when the receiver has answered 200, failed when it"
        " was given up.",
        read_only=True,
    )
    event = of(WebhookStatus.event, "What has happened: customer/modified, …", read_only=True)
    delivery = of(
        WebhookStatus.delivery, "The id under which it is told: the same at each try.", read_only=True
    )
    attempts = of(WebhookStatus.attempts, "How often it has been tried.", read_only=True)
    date_created = of(WebhookStatus.date_created, "When this resource was created.", read_only=True)
    date_modified = of(WebhookStatus.date_modified, "When this resource was last modified.", read_only=True)


WEBHOOK_STATUS = ResourceType(
    name="webhook_status",
    row=WebhookStatus,
    schema=WebhookStatusSchema,
    path="/webhook_statuses/{id}",
    title="This Webhook Status",
    meaning="What has become of one event for one webhook.",
    relations=(TO_STORE, TO_WEBHOOK),
)
