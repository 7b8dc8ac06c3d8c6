"""What everybody may read: the programmes that are open, and the page of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.views.generic import TemplateView

from clinics.selectors.wording import country_name, language_name
from cluster_portal.web.pagination import page_of
from training.forms.programmes import OfferFilter
from training.policies import nomination_policy
from training.selectors import programmes as selectors
from training.states import Grade, IntakeState, PaperKind

if TYPE_CHECKING:
    import uuid

    from training.models import Intake, Programme

#: Squares of seats are drawn up to so many; beyond that a bar says the same.
SQUARES = 40


class OfferView(TemplateView):
    """The programmes that are open, the nearest deadline first."""

    template_name = "training/programmes/offer.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        lists = selectors.choices()
        names = selectors.specialty_names(lists["specialties"])
        bar = OfferFilter(self.request.GET, lists=lists, names=names)
        bar.is_valid()
        asked = selectors.Asked(**bar.cleaned_data)
        page = page_of(self.request, selectors.offered(actor, asked), asked.order)
        page.items = [line(intake) for intake in page.items]
        return super().get_context_data(
            **kwargs,
            page=page,
            filter=bar,
            narrowed=bool(asked),
            asked=asked,
            open=selectors.open_summary(actor),
        )


def line(intake: Intake) -> dict[str, Any]:
    """An intake as a line of a list: whether it takes nominations, how near the deadline is, its seats as squares."""
    now = timezone.now()
    accepts = selectors.accepts(intake, now)
    left = (intake.nominate_by - now).days
    return {
        "intake": intake,
        "programme": intake.programme,
        "language": spoken(intake.programme),
        "country": country_name(intake.programme.country),
        "accepts": accepts,
        "left": left if accepts and left <= selectors.NEAR.days else None,
        "squares": [place < intake.taken for place in range(intake.seats)] if intake.seats <= SQUARES else [],
    }


def spoken(programme: Programme) -> str:
    """The language of a programme in the reader's own."""
    return language_name(programme.language)


class ProgrammeView(TemplateView):
    """A programme with its next intake, or the one that the address names."""

    template_name = "training/programmes/programme.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.present(actor, pk, self.request.GET.get("intake", ""))
        programme, intake = found.programme, found.intake
        grades, papers = dict(Grade.choices), dict(PaperKind.choices)
        names = selectors.specialty_names(programme.specialties)
        return super().get_context_data(
            **kwargs,
            found=found,
            programme=programme,
            intake=intake,
            line=line(intake) if intake else None,
            language=spoken(programme),
            country=country_name(programme.country),
            audience=[grades[code] for code in programme.audience],
            specialties=[names.get(code, code) for code in programme.specialties],
            papers=[papers[code] for code in programme.required_papers],
            goals=[goal for goal in programme.goals.splitlines() if goal.strip()],
            tone=INTAKE_TONES[intake.state] if intake else "",
            nominates=not actor.is_authenticated or nomination_policy.may(actor, "create"),
        )


#: Chips of the states of intakes.
INTAKE_TONES = {
    IntakeState.PLANNED: "outline", IntakeState.OPEN: "good", IntakeState.CLOSED: "warn",
    IntakeState.RUNNING: "info", IntakeState.FINISHED: "neutral", IntakeState.CANCELLED: "danger",
}  # fmt: skip
