"""Single sign-on at checkout: the address that signs a customer in there (hAPI §7)."""

import hashlib
import time
from urllib.parse import quote, urlencode

from app.portal.portals import Portal

SECONDS = 30 * 60
"""How long an address signs on: its timestamp is when it expires."""


def checkout_address(portal: Portal, customer_id: int) -> str:
    """The address of the store's checkout that a customer is signed in by, percent-encoded."""
    moment = int(time.time()) + SECONDS
    proof = f"{customer_id}|{moment}|{portal.sso_secret}"
    token = hashlib.sha1(proof.encode(), usedforsecurity=False).hexdigest()
    query = {"fc_customer_id": customer_id, "fc_auth_token": token, "timestamp": moment}
    return f"https://{quote(portal.domain)}/checkout?{urlencode(query)}"
