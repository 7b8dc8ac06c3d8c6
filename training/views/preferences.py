"""In which order somebody's nominations are wanted: by buttons, so without a script and by the keyboard too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cluster_portal.common.errors import Invalid
from cluster_portal.web.mixins import SignedInMixin, go
from training.policies import READERS
from training.selectors.nominations import undecided
from training.selectors.specialists import specialist_to_nominate
from training.services.preferences import rank_nominations
from training.views.nominations import TONES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from training.models import Specialist

UP, DOWN = "up", "down"


class PreferencesView(SignedInMixin, TemplateView):
    """The nominations of a specialist that are not decided, the most wanted first."""

    template_name = "training/specialists/preferences.html"
    person: Specialist

    def look_up(self, request: HttpRequest, pk: UUID, **kwargs: Any) -> None:
        self.person = specialist_to_nominate(request.actor, pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(undecided(self.person))
        return super().get_context_data(
            **kwargs, person=self.person, browses=self.request.actor.has(*READERS),
            rows=[
                {
                    "nomination": row, "tone": TONES[row.state],
                    "overlaps": any(row.overlaps(other) for other in rows if other != row),
                }
                for row in rows
            ],
        )  # fmt: skip

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Move one nomination (`up`, `down`) in the order in which the reader saw them (`order`)."""
        way = UP if UP in request.POST else DOWN
        try:
            order = [UUID(key) for key in request.POST.getlist("order")]
            place = order.index(UUID(request.POST.get(way, "")))
            target = max(place - 1, 0) if way == UP else place + 1
            order.insert(target, order.pop(place))
            rank_nominations(request.actor, specialist_id=self.person.pk, order=order)
        except (ValueError, Invalid):
            # One of them was decided meanwhile, in another window perhaps.
            return self.render_to_response(self.get_context_data(has_changed=True), status=409)
        # At an end of the list the button of that way is gone: the focus goes to the other one.
        if target in (0, len(order) - 1):
            way = DOWN if target == 0 else UP
        url = reverse("training:preferences", args=[self.person.pk])
        return go(
            request, f"{url}#{way}-{order[min(target, len(order) - 1)]}", message=_("The order is saved")
        )
