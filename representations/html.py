"""A plain HTML page of any resource, for people who follow a link in their browser."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from jinja2 import DictLoader, Environment
from markupsafe import Markup

from representations.model import SELF, Rel, Resource, absolute

MEDIA_TYPE = "text/html"
ALIASES: tuple[str, ...] = ()

_STYLE = """
:root { color-scheme: light dark; --rule: #8884; --soft: #8882; --link: light-dark(#0b57d0, #8ab4f8) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
main { overflow-x: auto } h1 { font-size: 1.6rem; margin: 0 0 1rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
a { color: var(--link); text-underline-offset: .15em } code { font: .9em ui-monospace, monospace }
table { border-collapse: collapse; width: 100% } td p { margin: 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
         border-bottom: 1px solid var(--rule); overflow-wrap: break-word }
th { font-weight: 600; white-space: nowrap } .null { opacity: .5 }
article { margin: .75rem 0; padding: .75rem 1rem; background: var(--soft); border-radius: .5rem }
article h1 { font-size: 1rem; margin: 0 0 .5rem }
summary { cursor: pointer; margin-top: .5rem }
"""

STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
)

_TEMPLATES = {
    "page": """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title(resource) }}</title><style>{{ style }}</style>
<body><main>{% from "parts" import show with context %}{{ show(resource) }}</main></body></html>
""",
    "parts": """
{%- macro show(resource, embedded=false) %}
<h1>{% if embedded and resource.href %}<a href="{{ absolute(resource.href) }}">{{ title(resource) }}</a>
{%- else %}{{ title(resource) }}{% endif %}</h1>
{% if plain(resource.properties) %}{{ table(plain(resource.properties)) }}{% endif %}
{% for name, value in resource.properties.items() if value is mapping %}
<h2>{{ name }}</h2>{{ cell(value) }}
{% endfor %}
{% for part, resources in resource.embedded %}
<h2>{{ named(part.rel) }}</h2>
{% for each in resources %}<article>{{ show(each, embedded=true) }}</article>
{% else %}<p class="null">none</p>{% endfor %}
{% endfor %}
{% if embedded and resource.links %}<details><summary>Links</summary>{{ links(resource) }}</details>
{% elif resource.links %}<h2>Links</h2>{{ links(resource) }}{% endif %}
{%- endmacro %}
{%- macro links(resource) -%}
<table>{% for link in resource.links %}<tr><th>{{ named(link.rel) }}</th>
<td><a href="{{ absolute(link.href) }}">{{ link.title or link.href }}</a></td></tr>{% endfor %}</table>
{%- endmacro %}
{%- macro named(rel) -%}
{% if documented(rel) %}<a href="{{ absolute(rel.uri) }}">{{ rel.compact }}</a>
{%- else %}{{ rel.compact }}{% endif %}
{%- endmacro %}
{%- macro grid(rows, names) -%}
<table><tr><th></th>{% for name in names %}<th>{{ name }}</th>{% endfor %}</tr>
{% for key, row in rows.items() %}<tr><th>{{ key }}</th>
{%- for value in row.values() %}<td>{{ cell(value) }}</td>{% endfor %}</tr>{% endfor %}</table>
{%- endmacro %}
{%- macro table(values) -%}
<table>{% for name, value in values.items() %}<tr><th>{{ name }}</th><td>{{ cell(value) }}</td></tr>
{%- endfor %}</table>
{%- endmacro %}
{%- macro cell(value) -%}
{% if value is none %}<span class="null">null</span>
{%- elif value is boolean %}<code>{{ "true" if value else "false" }}</code>
{%- elif value is mapping and columns(value) %}{{ grid(value, columns(value)) }}
{%- elif value is mapping %}{{ table(value) }}
{%- elif value is string or value is number %}{{ value }}
{%- else %}{% for each in value %}{{ cell(each) }}{{ ", " if not loop.last and each is not mapping }}
{%- endfor %}{% endif %}
{%- endmacro %}
""",
}

_environment = Environment(
    loader=DictLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def render(resource: Resource, base: str) -> bytes:
    """The page; `base` is the API's origin and path, without a slash at its end."""

    def linked(href: str) -> str:
        return absolute(href, base)

    return _environment.get_template("page").render(resource=resource, absolute=linked).encode()


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
    """The title of the resource's own link, else what kind of thing it is."""
    own = next((link.title for link in resource.links if link.rel == SELF), None)
    kind = resource.shape.kind.name if resource.shape.kind else "resource"
    return str(own or kind)


_environment.globals |= {
    "columns": _columns,
    "documented": _documented,
    "plain": _plain,
    "style": Markup(_STYLE),  # noqa: S704 - our own
    "title": _title,
}
