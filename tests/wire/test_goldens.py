"""Whole documents, as they are today: a change of the wire shows as a change of a file.

`PATRON_WRITE_GOLDENS=1 make test` writes the files anew.
"""

import json
import os
import re
from pathlib import Path

import pytest
from lxml import etree

from tests.site import HAL, HAL_FORMS, SIREN, XML, Site

GOLDEN = Path(__file__).parents[1] / "golden"
ZOOM = "zoom=default_billing_address,default_shipping_address,default_payment_method,customer_addresses"

DOCUMENTS = {
    "home": "/",
    "store": "/stores/66",
    "customer": f"/customers/115?{ZOOM}",
    "guest": f"/customers/146?{ZOOM}",
    "customers": "/stores/66/customers?limit=2&offset=2&zoom=default_payment_method&fields=id,email",
    "customer_addresses": "/customers/115/addresses",
    "attribute": "/customer_attributes/3",
    "transaction": "/transactions/1?zoom=items",
    "transactions": "/stores/66/transactions?customer_id=115",
    "items": "/transactions/1/items",
    "subscription": "/subscriptions/1?zoom=customer,transactions,transaction_template:items",
    "subscriptions": "/stores/66/subscriptions?is_active=false",
    "cancel": "/rels/cancel",
    "client": "/clients/1",
    "user": "/users/1",
    "user_stores": "/users/1/stores",
    "customer_portal_settings": "/stores/66/customer_portal_settings",
    "own_portal_settings": "/stores/66/s/customer/customer_portal_settings",
    "property_helpers": "/property_helpers",
    "rel": "/rels/default_billing_address",
    "errors": "/stores/66/customers?limit=-1",
    "unknown_parameters": "/customers/115?one=1&two=2",
}
FORMATS = {HAL: "hal.json", XML: "hal.xml", SIREN: "siren.json"}

IN_HAL_FORMS = ("home", "customer", "customers", "subscription", "errors")


def readable(body: bytes, media_type: str) -> str:
    """The document indented, without what is another in every answer."""
    if media_type == XML:
        root = etree.fromstring(body)
        etree.indent(root)
        text = etree.tostring(root, encoding="unicode")
    else:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    return re.sub(r"id-\d+-[0-9a-f]+", "id-0000000000-000000", text) + "\n"


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_as_it_was(site: Site, name: str, media_type: str) -> None:
    found = readable(site.ask(DOCUMENTS[name], media_type).data, media_type)
    require_golden(f"{name}.{FORMATS[media_type]}", found)


@pytest.mark.parametrize("name", IN_HAL_FORMS)
def test_a_document_with_templates_is_as_it_was(site: Site, name: str) -> None:
    found = readable(site.ask(DOCUMENTS[name], HAL_FORMS).data, HAL_FORMS)
    require_golden(f"{name}.hal-forms.json", found)


def require_golden(file: str, found: str) -> None:
    """Holds a document against its file, or writes that anew."""
    golden = GOLDEN / file
    if os.environ.get("PATRON_WRITE_GOLDENS") == "1":
        golden.write_text(found)

    assert found == golden.read_text()
