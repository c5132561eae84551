"""Telling webhooks of a resource again: all that want to hear of it, or those that are named."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from marshmallow import Schema
from sqlalchemy import select

from app.db.tables import Base
from app.events import REFEED, note_refeed
from app.fields import Integer
from app.schema import Invalid, instruction
from app.structures import List
from app.transitions import Act, Affordance, Outcome

MOST_NAMED = 100


class RefeedSchema(Schema):
    """Which webhooks are told again."""

    refeed_hooks = instruction(
        "The ids of the webhooks that are told: a list of numbers. Without it, all that are active.",
        partial(List, Integer(), MOST_NAMED),
        see="webhooks",
    )
    event = instruction("What they are told of: refeed, and nothing else.", choices=(REFEED,))


def send_webhooks(resource: str, path: str) -> Affordance:
    """The affordance of a type of resources whose events webhooks are told."""
    return Affordance(
        name="send_webhooks",
        title=f"Refeed webhooks v2 for this {resource.capitalize()}",
        href=f"{path}/send_webhooks",
        meaning="Tells the store's webhooks about this resource again: all that are active and hear of such"
        " resources, or those that are named, active or not. With the id of a new webhook it is a way to try"
        " it. The answer says what was queued.",
        schema=RefeedSchema,
        run=_refeeding(resource),
    )


def _refeeding(resource: str) -> Callable[[Act], Outcome]:
    def run(act: Act) -> Outcome:
        webhooks = _webhooks(act, resource)
        named = act.given.get("refeed_hooks")
        active = [each for each, (_, on) in webhooks.items() if on]
        chosen = active if named is None else list(dict.fromkeys(named))
        note_refeed(act.session, resource, act.values["id"], chosen)
        return Outcome(
            message=_said(resource, act.values["id"], {each: webhooks[each][0] for each in chosen}, named),
            told={"refeed_hooks": chosen},
        )

    return run


def _webhooks(act: Act, resource: str) -> dict[int, tuple[str, bool]]:
    """The webhooks that hear of a resource, by id: their names, and whether they are active.

    :raises Invalid: where one is named that is none of them.
    """
    table = Base.metadata.tables["webhook"]
    here = select(table.c.id, table.c.name, table.c.is_active, table.c.event_resource)
    rows = act.session.execute(
        here.where(table.c.store_id == act.values["store_id"]).order_by(table.c.id)
    ).all()
    found = {each.id: (each.name, bool(each.is_active)) for each in rows if each.event_resource == resource}
    others = {each.id: each.event_resource for each in rows}
    for each in act.given.get("refeed_hooks") or ():
        if each not in found:
            told = (
                f"{each}, which hears of a {others[each]}"
                if each in others
                else f"{each}, which is no webhook"
            )
            raise Invalid(("refeed_hooks", f"names {told}: name webhooks that hear of a {resource}"))
    return found


def _said(resource: str, row_id: int, chosen: Mapping[int, str], named: Sequence[int] | None) -> str:
    if named is not None and not named:
        return f"{resource} {row_id}: refeed_hooks names no webhook, so nothing was queued."
    if not chosen:
        return f"{resource} {row_id}: no active webhook hears of a {resource}, so nothing was queued."
    listed = ", ".join(f"{number} ({name})" for number, name in chosen.items())
    count = f"{len(chosen)} webhook{'' if len(chosen) == 1 else 's'}"
    return f"{resource} {row_id}: a refeed was queued for {count}: {listed}."
