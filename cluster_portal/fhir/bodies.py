"""What is sent, read with care: each element has to be one that means something here.

An element that is not known may turn the sense of a resource round (FHIR's modifiers do), so it is refused as REST
refuses an unknown field. Every failure names its place in FHIRPath.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Invalid
from cluster_portal.fhir import systems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Elements of every resource that say nothing of its matter.
MUTE = frozenset({"resourceType", "id", "meta", "text", "language"})
#: The longest text that an element may hold.
LONGEST = 50_000


class Body:
    """A resource that came in. Raises Invalid where it is another one than `kind`, or holds what is not known."""

    def __init__(self, data: Any, kind: str, known: frozenset[str]) -> None:
        if not isinstance(data, dict) or data.get("resourceType") != kind:
            words = _("A resource of the type %(kind)s is wanted here.") % {"kind": kind}
            raise Invalid({f"{kind}.resourceType": words})
        unknown = [name for name in data if name not in known | MUTE]
        if unknown:
            raise Invalid({f"{kind}.{name}": _("There is no such field.") for name in unknown})
        self.kind, self.data = kind, data

    def fail(self, path: str, words: Any) -> Invalid:
        """The failure of what stands at `path` (`slot[0].reference`)."""
        return Invalid({f"{self.kind}.{path}": words})

    def text(self, *path: str | int, default: str = "") -> str:
        """The text at the end of `path`; `default` where something on the way is missing."""
        value: Any = self.data
        for step in path:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and len(value) > step else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
            if value is None:
                return default
        if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
            raise self.fail(_path(path), _("A text is wanted here."))
        return value

    def key(self, target: str, *path: str | int) -> uuid.UUID | None:
        """The id in a reference to `target`; None where there is none. Raises Invalid for another type of target."""
        text = self.text(*path, "reference")
        if not text:
            return None
        *before, last = text.split("/")
        if not before or before[-1] != target:
            words = _("A reference to %(targets)s is wanted here.") % {"targets": target}
            raise self.fail(_path((*path, "reference")), words)
        try:
            return uuid.UUID(last)
        except ValueError:
            # Nobody's: answered as any other id that is not there.
            return uuid.UUID(int=0)

    def required(self, target: str, *path: str | int) -> uuid.UUID:
        """As `key`, where it has to be there."""
        found = self.key(target, *path)
        if found is None:
            raise self.fail(_path(path), _("Please fill in this field."))
        return found

    def listed(self, name: str) -> list[dict[str, Any]]:
        """The objects of a repeating element."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(inner, dict) for inner in value):
            raise self.fail(name, _("A list of objects is wanted here."))
        return value

    def codings(self, name: str) -> Iterator[tuple[str, str]]:
        """system, code of every coding of a CodeableConcept, or of a list of them."""
        value = self.data.get(name)
        for concept in value if isinstance(value, list) else [value] if value else []:
            inner = concept.get("coding", []) if isinstance(concept, dict) else None
            if not isinstance(inner, list):
                raise self.fail(name, _("A list of objects is wanted here."))
            for coding in inner:
                parts = coding if isinstance(coding, dict) else {}
                system, code = parts.get("system", ""), parts.get("code")
                if not isinstance(code, str) or not isinstance(system, str) or "\x00" in code:
                    raise self.fail(name, _("A coding with its code is wanted here."))
                yield system, code

    def code(self, name: str, wanted: str) -> str:
        """The code of the system `wanted`; empty where none is given."""
        return next((code for system, code in self.codings(name) if systems.matches(system, wanted)), "")

    def choice(self, name: str, table: dict[str, Any], default: Any = None) -> Any:
        """A code as what it stands for. Raises Invalid for one that `table` does not hold."""
        code = self.text(name)
        if not code and default is not None:
            return default
        if code not in table:
            raise self.fail(name, _("One of: %(codes)s.") % {"codes": ", ".join(table)})
        return table[code]


def _path(path: tuple[str | int, ...]) -> str:
    found = ""
    for step in path:
        found += f"[{step}]" if isinstance(step, int) else f".{step}"
    return found.lstrip(".")


def replaced(value: Any, names: dict[str, str]) -> Any:
    """`value` with each reference that `names` knows (`urn:uuid:…`) turned into the resource's own."""
    if isinstance(value, dict):
        return {
            name: names.get(inner, inner)
            if name == "reference" and isinstance(inner, str)
            else replaced(inner, names)
            for name, inner in value.items()
        }
    return [replaced(inner, names) for inner in value] if isinstance(value, list) else value


def patched(resource: dict[str, Any], operations: Any) -> dict[str, Any]:
    """`resource` after a JSON Patch (RFC 6902) of the operations add, replace, remove and test. Raises Invalid."""
    words = _("A JSON Patch of add, replace, remove and test on elements of the resource is wanted here.")
    try:
        result: dict[str, Any] = _copied(resource)
        for operation in operations:
            _patch(result, operation)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise Invalid({"patch": words}) from None
    return result


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _patch(target: Any, operation: dict[str, Any]) -> None:
    first, *path = (step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/"))
    if first or not path:
        raise ValueError(operation["path"])
    *way, last = path
    for step in way:
        target = target[int(step)] if isinstance(target, list) else target[step]
    _ACTS[operation["op"]](target, last, operation)


def _add(target: Any, last: str, operation: dict[str, Any]) -> None:
    if isinstance(target, list):
        target.insert(len(target) if last == "-" else int(last), operation["value"])
    else:
        target[last] = operation["value"]


def _replace(target: Any, last: str, operation: dict[str, Any]) -> None:
    place: Any = int(last) if isinstance(target, list) else last
    target[place]
    target[place] = operation["value"]


def _remove(target: Any, last: str, _operation: dict[str, Any]) -> None:
    del target[int(last) if isinstance(target, list) else last]


def _test(target: Any, last: str, operation: dict[str, Any]) -> None:
    if target[int(last) if isinstance(target, list) else last] != operation["value"]:
        raise ValueError(last)


_ACTS: dict[str, Callable[[Any, str, dict[str, Any]], None]] = {
    "add": _add, "replace": _replace, "remove": _remove, "test": _test,
}  # fmt: skip
