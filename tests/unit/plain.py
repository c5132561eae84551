"""HAL+JSON, HAL-FORMS and Siren written plainly, without templates, as the law for the compiled renderings.

Only what a resource derives for whoever asks is read here: its href, properties, links and actions.
"""

from typing import Any

from representations import Action, Embedded, Field, Link, Rel, Resource


def hal_json(resource: Resource, base: str) -> dict[str, Any]:
    """The HAL+JSON document."""
    document: dict[str, Any] = {"_links": _hal_links(resource, base)}
    if resource.embedded:
        document["_embedded"] = {
            part.rel.compact: _hal_embedded(part, [hal_json(each, base) for each in resources])
            for part, resources in resource.embedded
        }
    return document | resource.properties


def _hal_links(resource: Resource, base: str) -> dict[str, Any]:
    links: dict[str, Any] = {}
    if curie := resource.shape.curie:
        links["curies"] = [{"name": curie.prefix, "href": _whole(curie.href, base), "templated": True}]
    for link in resource.links:
        name = _whole(link.rel.compact, base)
        alike = [each for each in resource.links if each.rel.compact == link.rel.compact]
        described = [_hal_link(each, base) for each in alike]
        links[name] = described if len(described) > 1 else described[0]
    return links


def _hal_link(link: Link, base: str) -> dict[str, Any]:
    described: dict[str, Any] = {"href": _whole(link.href, base)}
    if link.title is not None:
        described["title"] = link.title
    if link.type is not None:
        described["type"] = link.type
    if link.templated:
        described["templated"] = True
    return described


def _hal_embedded(part: Embedded, documents: list[dict[str, Any]]) -> Any:
    return documents if part.many else documents[0]


def hal_forms(resource: Resource, base: str) -> dict[str, Any]:
    """The HAL-FORMS document."""
    document = hal_json(resource, base)
    if resource.actions:
        lone = len(resource.actions) == 1
        templates = {"default" if lone else each.name: _template(each, base) for each in resource.actions}
        document["_templates"] = templates
    return document


def _template(action: Action, base: str) -> dict[str, Any]:
    return {
        "method": action.method,
        "title": action.title,
        "contentType": action.type,
        "target": _whole(action.href, base),
        "properties": [_template_property(each) for each in action.fields],
    }


def _template_property(field: Field) -> dict[str, Any]:
    lowest, highest = field.within or (None, None)
    inline = {"inline": list(field.choices), "minItems": 1 if field.required else 0, "maxItems": 1}
    return _without_nulls(
        {
            "name": field.name,
            "prompt": field.title,
            "type": "datetime-local" if field.type == "datetime" else field.type,
            "value": field.value,
            "required": True if field.required else None,
            "maxLength": field.longest,
            "min": lowest,
            "max": highest,
            "options": inline if field.choices else None,
        }
    )


def siren(resource: Resource, base: str, rel: Rel | None = None) -> dict[str, Any]:
    """The Siren entity; `rel` is what it is to the entity around it."""
    entity: dict[str, Any] = {}
    if kind := resource.shape.kind:
        entity["class"] = [kind.name]
    if rel:
        entity["rel"] = [_whole(rel.uri, base)]
    entity["properties"] = resource.properties
    if resource.embedded:
        entity["entities"] = [
            siren(each, base, part.single) for part, resources in resource.embedded for each in resources
        ]
    entity["links"] = [_siren_link(link, base) for link in resource.links if not link.templated]
    if resource.actions and rel is None:  # a sub-entity's own stand where its self link leads
        entity["actions"] = [_siren_action(action, base) for action in resource.actions]
    return entity


def _siren_link(link: Link, base: str) -> dict[str, Any]:
    described = {"rel": [_whole(link.rel.uri, base)], "href": _whole(link.href, base)}
    return _without_nulls(described | {"title": link.title, "type": link.type})


def _siren_action(action: Action, base: str) -> dict[str, Any]:
    return {
        "name": action.name,
        "method": action.method,
        "href": _whole(action.href, base),
        "title": action.title,
        "type": action.type,
        "fields": [_siren_field(each) for each in action.fields],
    }


def _siren_field(field: Field) -> dict[str, Any]:
    return _without_nulls(
        {
            "name": field.name,
            "type": field.type,
            "title": field.title,
            "value": field.value,
            "required": True if field.required else None,
            "maxLength": field.longest,
            "min": field.within[0] if field.within else None,
            "max": field.within[1] if field.within else None,
            "options": list(field.choices) if field.choices else None,
        }
    )


def _without_nulls(described: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in described.items() if value is not None}


def _whole(href: str, base: str) -> str:
    return f"{base}{href}" if href[:1] == "/" else href
