"""The token that tells a store's own servers who has signed in: a JWT, signed with the store's secret.

Patron makes them and takes none: a session is proved by its own token alone.
"""

import time

from joserfc import jwt
from joserfc.jwk import OctKey

ALGORITHM = "HS256"


def signed(secret: str, *, store_id: int, customer_id: int, email: str, lifetime: int) -> str:
    """A token with the claims that Foxy's has (hAPI §7)."""
    now = int(time.time())
    claims = {
        "store_id": store_id,
        "customer_id": customer_id,
        "customer_email": email,
        "iat": now,
        "exp": now + lifetime,
    }
    key = OctKey.import_key(secret)
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, key, algorithms=[ALGORITHM])
