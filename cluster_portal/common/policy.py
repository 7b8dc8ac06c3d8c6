"""Who may do what to which rows: one `Q` per action, used by lists, single rows, HTML, API and exports alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Q

from cluster_portal.common.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model, QuerySet

    from cluster_portal.common.actor import Actor

NOBODY = Q(pk__in=())
#: Not to be joined with `|`: Django leaves an empty Q out, and only the other side would stand.
EVERYBODY = Q()


def through(relation: str, q: Q) -> Q:
    """The rule `q` of another model's rows, asked of the row that `relation` leads to: a join in place of a subquery.

    For rules that name columns; one with an expression of its own cannot be carried over and raises TypeError.
    """
    found = Q(_connector=q.connector, _negated=q.negated)
    for child in q.children:
        if isinstance(child, Q):
            found.children.append(through(relation, child))
        elif isinstance(child, tuple):
            found.children.append((f"{relation}__{child[0]}", child[1]))
        else:
            raise TypeError(f"{type(child).__name__} cannot be asked through {relation}")
    return found


class Policy:
    """The rules of one model.

    `rules` maps an action to a function of the actor that returns the `Q` of the rows it may be done to; `view` is
    always there, and every other action implies it. `model_rules` maps actions that have no row yet (creating) to a
    predicate of the actor. An action that is in neither table is a programming error, not a permission.
    """

    model: ClassVar[type[Model]]
    rules: ClassVar[dict[str, Callable[[Actor], Q]]] = {}
    model_rules: ClassVar[dict[str, Callable[[Actor], bool]]] = {}

    def q(self, actor: Actor, action: str = "view") -> Q:
        """The `Q` of `action` for this actor; the portal itself may do everything."""
        rule = self.rules[action]
        return EVERYBODY if actor.is_system else rule(actor)

    def queryset(self, actor: Actor, action: str = "view") -> QuerySet:
        """The rows to which the actor may do `action`."""
        return self.model._default_manager.filter(self.q(actor, action))

    def allows(self, actor: Actor, action: str, obj: Model) -> bool:
        """Whether the actor may do `action` to this row."""
        return self.queryset(actor, action).filter(pk=obj.pk).exists()

    def get(
        self, actor: Actor, action: str, pk: Any, *, lock: bool = False, queryset: QuerySet | None = None
    ) -> Any:
        """The row `pk`, locked for the transaction if asked.

        Raises NotFound where the actor may not even see it and Forbidden where only the action is refused.
        `queryset` narrows or prefetches; the rules apply on top of it. The lock is FOR NO KEY UPDATE: children may
        still be inserted beside it.
        """
        rows = self.model._default_manager.all() if queryset is None else queryset
        if lock:
            rows = rows.select_for_update(of=("self",), no_key=True)
        try:
            return rows.get(self.q(actor, action), pk=pk)
        except (ValidationError, ValueError, TypeError):
            raise NotFound from None
        except self.model.DoesNotExist:
            if action != "view" and self.queryset(actor).filter(pk=pk).exists():
                raise Forbidden from None
            raise NotFound from None

    def require(self, actor: Actor, action: str) -> None:
        """Raise Forbidden unless the actor may do a `model_rules` action."""
        if not self.may(actor, action):
            raise Forbidden

    def may(self, actor: Actor, action: str) -> bool:
        """Whether the actor may do a `model_rules` action."""
        rule = self.model_rules[action]
        return actor.is_system or rule(actor)
