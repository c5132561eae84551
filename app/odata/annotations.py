"""What the service says of its model in the vocabularies of OASIS: Core and Capabilities."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.odata.edm import EntityType, Property
from app.odata.functions import SIGNATURES
from app.odata.negotiation import LEVELS, Wanted
from app.odata.options import MOST_EXPANDED

CORE, CAPABILITIES = "Core", "Capabilities"
VOCABULARIES: Mapping[str, str] = {CORE: "Org.OData.Core.V1", CAPABILITIES: "Org.OData.Capabilities.V1"}
"""Their namespaces, by the aliases under which they are named here."""

ADDRESS = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/{namespace}"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enumeration type."""

    type: str
    name: str


@dataclass(frozen=True, slots=True)
class PropertyPath:
    """The path of a property."""

    path: str


@dataclass(frozen=True, slots=True)
class NavigationPath:
    """The path of a navigation property."""

    path: str


Said = bool | int | str | Member | PropertyPath | NavigationPath | Sequence["Said"] | Mapping[str, "Said"]
"""What an annotation says: a record is a mapping."""

Annotation = tuple[str, Said]
"""A term, under its vocabulary's alias, and what is said."""


def of_property(entity: EntityType, each: Property) -> Iterator[Annotation]:
    """What is said of a property. A key is not called computed: clients would not create without it."""
    yield "Core.Description", each.description
    if each.immutable:
        yield "Core.Immutable", True
    elif each.computed and each.name not in entity.key:
        yield "Core.Computed", True
    if each.write_only:
        yield "Core.Permissions", Member("Core.Permission", "Write")


def of_set(entity: EntityType) -> Iterator[Annotation]:
    """What is said of an entity set."""
    hidden = [PropertyPath("/".join(path)) for path, each in entity.primitives.items() if each.write_only]
    writable = bool(entity.resource.methods) and "POST" in entity.methods
    yield "Core.Description", entity.resource.meaning
    yield "Capabilities.FilterRestrictions", {"Filterable": True, "NonFilterableProperties": hidden}
    yield "Capabilities.SortRestrictions", {"Sortable": True, "NonSortableProperties": hidden}
    yield "Capabilities.SearchRestrictions", {"Searchable": False}
    yield "Capabilities.CountRestrictions", {"Countable": True}
    yield "Capabilities.ExpandRestrictions", {"Expandable": True, "MaxLevels": MOST_EXPANDED}
    yield "Capabilities.InsertRestrictions", {"Insertable": writable}
    yield "Capabilities.UpdateRestrictions", {"Updatable": writable, "Upsertable": False}
    yield "Capabilities.DeleteRestrictions", {"Deletable": writable}
    yield "Capabilities.TopSupported", True
    yield "Capabilities.SkipSupported", True
    if entity.navigations:
        restricted: list[Said] = [
            {"NavigationProperty": NavigationPath(each.name), "Referenceable": False}
            for each in entity.navigations
        ]
        yield "Capabilities.NavigationRestrictions", {"RestrictedProperties": restricted}


def of_container() -> Iterator[Annotation]:
    """What is said of the whole service."""
    yield "Core.Description", "The customers of one account, with their addresses."
    yield "Core.ConventionalIDs", True
    yield "Core.DereferenceableIDs", True
    yield "Capabilities.ConformanceLevel", Member("Capabilities.ConformanceLevelType", "Minimal")
    yield "Capabilities.SupportedFormats", [Wanted(level).content_type for level in LEVELS.values()]
    yield "Capabilities.AsynchronousRequestsSupported", False
    yield "Capabilities.BatchSupported", True
    yield (
        "Capabilities.BatchSupport",
        {
            "Supported": True,
            "ContinueOnErrorSupported": True,
            "ReferencesInRequestBodiesSupported": False,
            "ReferencesAcrossChangeSetsSupported": True,
            "EtagReferencesSupported": True,
            "RequestDependencyConditionsSupported": True,
            "SupportedFormats": ["multipart/mixed", "application/json"],
        },
    )
    yield "Capabilities.FilterFunctions", list(SIGNATURES)
    yield "Capabilities.KeyAsSegmentSupported", True
    yield "Capabilities.IndexableByKey", True
