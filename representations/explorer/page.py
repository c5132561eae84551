"""The page of a resource, from templates; what of it is alike for all resources of a shape is made once."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import etree
from markupsafe import Markup, escape

from representations import hal_forms, hal_json, hal_xml, siren
from representations.explorer.assets import ASSETS, FOLDER
from representations.explorer.shown import Shown
from representations.explorer.zooming import toggles
from representations.model import SELF, Action, Embedded, Field, Link, Rel, Resource, Shape, absolute
from representations.negotiation import Format

TABS = (("HAL+JSON", hal_json), ("HAL+XML", hal_xml), ("Siren", siren), ("HAL-FORMS", hal_forms))
"""The formats that a page shows a resource in, by the names that people know them by."""

OF_ITS_OWN = frozenset({"rel", "rels"})
"""The kinds of resource that have a template of their own."""

OPENED = 5
"""Of how many members of a collection at most each is folded open; whatever else is embedded always is."""

A_LINE = 500
"""How many characters a text has at most that stands in a line."""

IN_A_LINE = 4
"""How many values tell one of many resources from the others."""

PAGES = ("first", "prev", "next", "last")


def render(resource: Resource, base: str) -> bytes:
    """The page; `base` is the API's origin and path, without a slash at its end."""
    kind = resource.shape.kind
    name = kind.name if kind and kind.name in OF_ITS_OWN else "resource"
    return _rendered(name, base, resource=Shown(resource))


def sign_in_page(base: str, *, signed_in: bool, fault: str = "") -> bytes:
    """The page where a token is entered, or given up; `fault` says what is wrong with one that was."""
    return _rendered("sign_in", base, signed_in=signed_in, fault=fault)


def _rendered(name: str, base: str, **values: Any) -> bytes:
    def linked(href: str) -> str:
        return absolute(href, base)

    root = urlsplit(base).path
    page = _environment.get_template(f"{name}.html")
    return page.render(absolute=linked, base=base, root=root, **values).encode()


_environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def _documented(rel: Rel) -> bool:
    """Whether the name of a link relation is an address: IANA's own have none here."""
    return rel.curie is not None or "/" in rel.name


def _plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that fit in a line; maps get a section of their own."""
    return {name: value for name, value in properties.items() if not isinstance(value, Mapping)}


def _columns(rows: Mapping[str, Any]) -> list[str]:
    """The keys that all rows have alike, where they do: such a map of maps is shown as a grid."""
    keys = {tuple(row) if isinstance(row, Mapping) else () for row in rows.values()}
    return list(keys.pop()) if len(keys) == 1 else []


def _title(resource: Resource) -> str:
    """The title of the resource's own link, else what it is, or what it is a page of."""
    own = next((link.title for link in resource.links if link.rel == SELF), None)
    shape = resource.shape
    if status := _refusal(resource):
        return f"{status.value} {status.phrase}"
    if shape.kind is None and own and len(resource.embedded) == 1:
        return resource.embedded[0][0].rel.name.replace("_", " ").capitalize()
    if own or shape.kind:
        return str(own or (shape.kind and shape.kind.name))
    return "What can be done here" if shape.actions else "resource"


def _refusal(resource: Resource) -> HTTPStatus | None:
    """The status of an error document. A transaction's `status`, which `?fields=` may hide, is none."""
    shape = resource.shape
    refused = shape.kind is not None and shape.kind.name == "errors"
    return HTTPStatus(resource.value("status")) if refused else None


def _named(resource: Resource) -> str:
    """What a tab of the browser calls it: short, and not like others of its kind."""
    title, number = _title(resource), resource.properties.get("id")
    if title.startswith("This ") and resource.shape.kind:
        title = resource.shape.kind.name.replace("_", " ")
    return f"{title[:1].upper()}{title[1:]}{'' if number is None else f' {number}'}"


def _summary(resource: Resource) -> list[str]:
    """The first values that tell a resource from others of its kind."""
    said = [value for value in resource.properties.values() if _tells(value)]
    return [str(value) for value in said[:IN_A_LINE]]


def _tells(value: Any) -> bool:
    """Whether a value tells one resource from another: dates and flags hardly do."""
    if isinstance(value, str) and _MOMENT.match(value):
        return False
    return value is not None and value != "" and isinstance(value, str | int) and not isinstance(value, bool)


def _members(resource: Resource, part: Embedded) -> bool:
    """Whether what is embedded are the members of a collection, which this is a page of."""
    return resource.shape.kind is None and part.many


def _pages(resource: Resource) -> dict[str, str]:
    """Where the other pages of a collection are."""
    found = {link.rel.name: link.href for link in resource.links if link.rel.curie is None}
    return {name: found[name] for name in PAGES if name in found} if "first" in found else {}


def _listed(resource: Resource) -> list[Link]:
    """The links of the table: those to pages stand apart."""
    pages = _pages(resource)
    return [link for link in resource.links if link.rel.curie is not None or link.rel.name not in pages]


def _taken(link: Link, actions: Sequence[Action]) -> str | None:
    """The name of the form that stands for a link, where it leads to nothing that can be read."""
    if link.rel == SELF:
        return None
    return next((each.name for each in actions if each.href == link.href and each.method == "POST"), None)


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")


@lru_cache(maxsize=1024)
def _inputs(shape: Shape, name: str) -> Markup:
    """The inputs of an action: alike for all resources of a shape, and the greater part of a page."""
    action = next(each for each in shape.actions if each.name == name)
    fields = _environment.get_template("fields.html")
    return Markup(fields.render(action=action))  # noqa: S704 - the template has escaped it


_NULL = Markup('<span class="null">null</span>')
_TRUE, _FALSE = Markup("<code>true</code>"), Markup("<code>false</code>")


def _scalar(value: Any) -> Markup | None:
    """A value that fits in a word, as people write it; None for one that holds others."""
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    return escape(value) if isinstance(value, str | int | float | Decimal) else None


def _long(field: Field) -> bool:
    """Whether a text may have several lines, which an input would leave out."""
    return field.type == "text" and not field.choices and (field.longest or A_LINE + 1) > A_LINE


def _breaking(name: str) -> Markup:
    """A name that may be broken where it has an underscore."""
    return escape(name).replace("_", _BREAK)


_BREAK = Markup("_<wbr>")


def _limits(field: Field) -> str:
    """What an input takes, besides what its description says."""
    said = []
    if field.longest:
        said.append(f"At most {field.longest} characters.")
    if field.within:
        said.append("From {} to {}.".format(*field.within))
    if field.structured:
        said.append("JSON.")
    return " ".join(said)


def _written(resource: Resource, form: Format, base: str) -> str:
    """A resource in a format, indented, for people to read without a script too."""
    body = form.render(resource, base)
    if form.MEDIA_TYPE.endswith("json"):
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    root = etree.fromstring(body)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")


def _accepting(line: str, form: Format) -> str:
    """A curl line that asks for a format."""
    return line.replace("curl ", f"curl -H 'Accept: {form.MEDIA_TYPE}' ", 1)


_FACTS = {
    "required": "required",
    "nullable": "may be null",
    "read_only": "read only",
    "write_only": "write only",
    "once": "set when created, then read only",
    "secret": "hidden from tokens that only read",
}
"""What is said of a property in a word."""

_environment.globals |= {
    "accepting": _accepting,
    "assets": ASSETS,
    "breaking": _breaking,
    "columns": _columns,
    "documented": _documented,
    "facts": _FACTS,
    "inputs": _inputs,
    "limits": _limits,
    "long": _long,
    "listed": _listed,
    "members": _members,
    "named": _named,
    "refusal": _refusal,
    "opened": OPENED,
    "pages": _pages,
    "plain": _plain,
    "scalar": _scalar,
    "summary": _summary,
    "tabs": TABS,
    "taken": _taken,
    "title": _title,
    "toggles": toggles,
    "written": _written,
}
