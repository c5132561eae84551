"""Zooms as toggles: what is embedded, what else could be, and the address that changes it."""

from collections.abc import Iterator
from dataclasses import dataclass

from representations.model import DEEPEST_ZOOM, Resource


@dataclass(frozen=True, slots=True)
class Toggle:
    """One zoom: its path as the parameter has it, whether it is on, and where it is the other way round."""

    path: str
    on: bool
    href: str


def toggles(resource: Resource) -> list[Toggle]:
    """A toggle for each zoom of a resource, and for those of what is embedded by a zoom."""
    href = resource.href
    if href is None or not resource.shape.zooms:
        return []
    active = {*_embedded(resource, ""), *_asked(href)}
    offered = dict.fromkeys([*resource.shape.zooms, *_offered(resource, "")])
    return [Toggle(path, path in active, _toggled(href, active, path)) for path in offered]


def _embedded(resource: Resource, above: str) -> Iterator[str]:
    """The paths of what is embedded by zooms."""
    for part, resources in resource.embedded:
        path = above + part.rel.name
        if resource.shape.kind is None:
            for each in resources:
                yield from _embedded(each, above)
        elif part.rel.name in resource.shape.zooms:
            yield path
            for each in resources:
                yield from _embedded(each, f"{path}:")


def _offered(resource: Resource, above: str) -> Iterator[str]:
    """The paths that go on from what is embedded by zooms."""
    for part, resources in resource.embedded:
        if resource.shape.kind is None:
            for each in resources:
                yield from _offered(each, above)
        elif part.rel.name in resource.shape.zooms and above.count(":") < DEEPEST_ZOOM - 1:
            path = f"{above}{part.rel.name}:"
            for each in resources:
                yield from (path + name for name in each.shape.zooms)
                yield from _offered(each, path)


def _asked(href: str) -> list[str]:
    """What the resource's own address asks for, though there may be nothing of it to embed."""
    parameters = href.partition("?")[2].split("&")
    asked = [each.removeprefix("zoom=") for each in parameters if each.startswith("zoom=")]
    return [
        path for each in asked for path in each.replace("%2C", ",").replace("%3A", ":").split(",") if path
    ]


def _toggled(href: str, active: set[str], path: str) -> str:
    """The address without a zoom and what hangs on it, or with that one more."""
    if path in active:
        kept = [each for each in active if each != path and not each.startswith(f"{path}:")]
    else:
        kept = [*active, path]
    address, _, query = href.partition("?")
    parameters = [each for each in query.split("&") if each and not each.startswith("zoom=")]
    parameters += [f"zoom={','.join(sorted(kept))}"] if kept else []
    return f"{address}?{'&'.join(parameters)}" if parameters else address
