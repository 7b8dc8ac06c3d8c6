"""What this door offers: each resource with its rows, its look, its searches and what may come along with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.policy import Policy
    from cluster_portal.fhir.searching import Parameter
    from cluster_portal.fhir.shapes import Reader

#: type → the resource, in the order in which they are described.
RESOURCES: dict[str, Resource] = {}


@dataclass(frozen=True, slots=True)
class Include:
    """A search parameter that leads on: for a type of target the attribute of the row that holds its id."""

    targets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resource:
    """`type` of FHIR over rows of the portal.

    `scope` is the API's; `policy` and `rows(actor)` decide who sees what, exactly as in REST. `show(row, reader)` asks
    the database for nothing. `open(actor, key)` reads one row where opening it is journalled. `order` and `sorts` end
    in a unique column.
    """

    type: str
    scope: str
    policy: Policy
    rows: Callable[[Actor], QuerySet]
    show: Callable[[Any, Reader], dict[str, Any]]
    about: str
    parameters: Mapping[str, Parameter]
    includes: Mapping[str, Include] = field(default_factory=dict)
    order: tuple[str, ...] = ("id",)
    sorts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: Callable[[Actor, Any], Any] | None = None
    #: What one of them has to be searched by, where not everything may be listed.
    check: Callable[[Actor, Mapping[str, list[str]]], None] | None = None
    #: The column by which rows are found for `_include` and reading.
    key: str = "pk"
    #: How lists show it, where they show less than reading one does.
    brief: Callable[[Any, Reader], dict[str, Any]] | None = None
    #: In the place of `rows` where several tables are one resource: all that is found, on one page.
    gather: Callable[[Actor, Mapping[str, list[str]]], list[Any]] | None = None


def offer(*resources: Resource) -> None:
    """Add resources to what the door offers."""
    RESOURCES.update({resource.type: resource for resource in resources})
