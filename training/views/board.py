"""The training office's board: the nominations of an intake by state, and one act on many of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from cluster_portal.common.errors import PortalError
from cluster_portal.web.mixins import PAGE_ERRORS, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from training.policies import programme_policy
from training.selectors import nominations as selectors
from training.selectors.papers import missing_of
from training.selectors.programmes import office_intake
from training.services.bulk import REASONED, RUN, act_on_nominations
from training.states import NOMINATION, TRAINING_OFFICE, NominationState, PaperKind
from training.views.nominations import ACTS, TONES, tabs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from training.models import Intake

#: The column that is shown first: the earliest in which something waits for the office.
FIRST = (
    NominationState.ENDORSED, NominationState.SHORTLISTED, NominationState.ACCEPTED, NominationState.OFFERED,
    NominationState.WAITLISTED, NominationState.CONFIRMED, NominationState.IN_PROGRESS, NominationState.COMPLETED,
)  # fmt: skip
#: What the office can do to many at once, in the order of the way.
BULK = tuple(name for name in NOMINATION.actions if name in RUN)


def board_context(request: HttpRequest, intake: Intake) -> dict[str, Any]:
    """One column of the board of an intake, as `?state=` asks."""
    actor = request.actor
    counts = selectors.counted(actor, intake)
    state = request.GET.get("state", "")
    if state not in NominationState.values:
        state = next((one for one in FIRST if counts.get(one)), next(iter(counts), NominationState.ENDORSED))
    rows = selectors.board(actor, intake, state)
    order = selectors.QUEUE_ORDER if state == NominationState.WAITLISTED else selectors.BOARD_ORDER
    page = page_of(request, rows, order)
    for row in page.items:
        row.intake = intake
    awaited = state in (NominationState.ACCEPTED, NominationState.OFFERED)
    missing = missing_of(page.items) if awaited else {}
    papers = dict(PaperKind.choices)
    page.items = [
        {"nomination": row, "tone": TONES[row.state], "missing": [papers[k] for k in missing.get(row.pk, ())]}
        for row in page.items
    ]
    steps = NOMINATION.available(state, [TRAINING_OFFICE]) if programme_policy.may(actor, "create") else []
    return {
        "page": page,
        "state": state,
        "tabs": tabs(counts, state, request.path),
        "bulk": [(name, ACTS[name]) for name in BULK if name in steps],
        "reasoned": REASONED,
    }


class BulkView(SignedInMixin, View):
    """One act on the chosen rows of a board."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        programme_policy.require(request.actor, "create")
        intake = office_intake(request.actor, pk)
        state = request.POST.get("state", "")
        back = f"{reverse('training:office_intake', args=[intake.pk])}?state={state}"
        try:
            results = act_on_nominations(
                request.actor, act=request.POST.get("act", ""), nomination_ids=ids_of(request.POST.getlist("row")),
                reason=request.POST.get("reason", ""),
            )  # fmt: skip
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            texts = [str(text) for texts in getattr(error, "errors", {}).values() for text in texts]
            messages.error(request, " ".join(texts) or str(error))
            return go(request, back)
        refused = [result for result in results if result.error]
        if done := len(results) - len(refused):
            words = ngettext("Done for %(n)d nomination.", "Done for %(n)d nominations.", done)
            messages.success(request, words % {"n": done})
        for text in dict.fromkeys(str(result.error) for result in refused):
            number = sum(str(result.error) == text for result in refused)
            messages.error(request, _("%(n)d left as they were: %(why)s") % {"n": number, "why": text})
        return go(request, back)


def ids_of(values: list[str]) -> list[uuid.UUID]:
    """The chosen rows; what is no id is left out."""
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found
