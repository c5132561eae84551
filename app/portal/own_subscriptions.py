"""How customers change their subscriptions: within what the settings of the store's portal say."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from app import respond
from app.catalogue import Catalogue
from app.db.tables import now
from app.db.types import STORED_FORMAT
from app.errors import Refusal
from app.hypermedia import Registry, ResourceType
from app.portal.matching import matching
from app.portal.portals import Portal
from app.portal.subscription_rules import Rule, refuse, unfit_date, unfit_end, unfit_frequency
from app.portal.types import OWN_SUBSCRIPTION
from app.query import Query, parse_one
from app.reading import Caller
from app.validation import Values
from app.zones import Zone
from representations import Resource, hal_json

WHAT_IS_BOUGHT = "zoom=transaction_template:items"
"""What queries can look at besides the subscription's own properties."""


class SubscriptionPermissions:
    """Holds what a customer changes of a subscription against the settings."""

    def __init__(self, registry: Registry, catalogue: Catalogue, portal: Callable[[], Portal]) -> None:
        self._catalogue, self._portal = catalogue, portal
        self._query: Query = parse_one(WHAT_IS_BOUGHT, registry, OWN_SUBSCRIPTION)

    def allow(self, target: ResourceType, caller: Caller, seen: Resource, given: Values) -> None:
        """Lets a change pass that the store lets customers make.

        :param given: what changes, checked.
        :raises Refusal: 403 for what it does not, naming what is allowed; 409 where it has ended.
        """
        if target is not OWN_SUBSCRIPTION or not given:
            return
        subscription_id = seen.value("id")
        if not seen.value("is_active"):
            message = f"subscription {subscription_id} is not active, or has ended"
            raise Refusal.of(409, message, code="not_possible_now")
        rules, today = self._portal().subscriptions, _local(now(), caller.zone)
        ends = seen.value("end_date")

        def matches(rules: Sequence[Rule]) -> Iterable[Rule]:
            return matching(rules, self._document(caller, subscription_id))

        faults = []
        if "frequency" in given:
            allowed = rules.get("allowFrequencyModification") or ()
            faults.append(unfit_frequency(given["frequency"], allowed, matches))
        if "next_transaction_date" in given:
            allowed = rules.get("allowNextDateModification") or False
            day = _day(given["next_transaction_date"], caller.zone)
            if day != _shown_day(seen.value("next_transaction_date")):
                faults.append(unfit_date(day, allowed, today, matches))
        if "end_date" in given:
            end = _day(given["end_date"], caller.zone) if given["end_date"] else None
            faults.append(unfit_end(end, _shown_day(ends) if ends else None, today.date()))
        refuse(faults)

    def _document(self, caller: Caller, subscription_id: int) -> bytes:
        """What queries look at: the subscription as the customer sees it, with what is bought."""
        subscription = self._catalogue.one(OWN_SUBSCRIPTION, caller, subscription_id, self._query)
        return hal_json.render(subscription, respond.base_url())


def _local(moment: datetime, zone: Zone) -> datetime:
    return datetime.fromisoformat(zone.show(moment.astimezone(UTC).strftime(STORED_FORMAT)))


def _day(given: datetime, zone: Zone) -> date:
    """The day of a moment on the store's clocks."""
    return _local(zone.moment(given), zone).date()


def _shown_day(shown: Any) -> date:
    return datetime.fromisoformat(shown).date()
