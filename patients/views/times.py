"""Choosing a clinic and a time: for a draft, for an accepted referral, and for moving a booking."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from clinics.errors import SlotTaken
from clinics.states import BookingMode
from cluster_portal.common.errors import Forbidden, Invalid, PortalError
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import PAGE_ERRORS, FragmentMixin, SignedInMixin, go
from patients.forms.referrals import BookForm
from patients.policies import STAFF
from patients.selectors.referrals import booking_of, see_referral, see_slot
from patients.services.actions import available_actions
from patients.services.booking import book_referral, release_hold, reschedule_referral
from patients.services.drafts import EDITABLE, age_on
from patients.services.flow import choose_clinic, choose_time
from patients.states import BookingState, ReferralState
from patients.views import compare, noclinic, timegrid
from patients.views.flow import wizard

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from clinics.models import Slot
    from patients.models import Referral

DRAFT, BOOK, MOVE = "draft", "book", "move"


class TimeView(SignedInMixin, FragmentMixin, TemplateView):
    """Clinics side by side, the times of the chosen one, the time that is kept.

    GET shows: `service` whose times are open, `week` its first day, and the filters. POST does one thing: `slot` keeps
    a time (or with `move` moves the booking to it), `release` lets it go, `service` aims at a clinic that decides
    first, `book` books what is kept.
    """

    roles = tuple(STAFF)
    template_name = "patients/times.html"
    fragment_name = "patients/_compare.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.query = (
            request.GET if request.method == "GET" else QueryDict(request.POST.get("query", "")[:2000])
        )
        return super().dispatch(request, *args, **kwargs)

    def _referral(self, request: HttpRequest, pk: uuid.UUID) -> tuple[Referral | None, str]:
        """The referral and what its time is chosen for; none where it can have no time now."""
        referral = see_referral(request.actor, pk)
        possible = available_actions(request.actor, referral)
        if referral.state in EDITABLE and "edit" in possible:
            return referral, DRAFT
        if "reschedule" in possible:
            return referral, MOVE
        if "book" in possible:
            return referral, BOOK
        return None, ""

    def _away(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        messages.warning(request, _("No time can be chosen for the referral as it stands now."))
        return go(request, "patients:referral", pk)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        referral, purpose = self._referral(request, pk)
        if referral is None:
            return self._away(request, pk)
        if referral.service_type_id is None:
            messages.info(request, _("Please choose the service first."))
            return go(request, "patients:referral_edit", pk)
        return self._page(referral, purpose)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        referral, purpose = self._referral(request, pk)
        if referral is None:
            return self._away(request, pk)
        form = BookForm(request.POST)
        try:
            done = self._do(request, referral, purpose, form)
        except PAGE_ERRORS as error:
            if isinstance(error, Forbidden) or error.field != "slot":
                raise
            return self._refused(referral, purpose, form, error)
        except PortalError as error:
            return self._refused(referral, purpose, form, error)
        if done is not None:
            return done
        if request.htmx:
            return self._page(*self._referral(request, pk))
        query = self.query.urlencode()
        return go(request, reverse("patients:referral_time", args=[pk]) + (f"?{query}" if query else ""))

    def _do(
        self, request: HttpRequest, referral: Referral, purpose: str, form: BookForm
    ) -> HttpResponse | None:
        """The one thing that was asked for; an answer where it leads away from the page."""
        actor, asked = request.actor, request.POST
        if not form.is_valid():
            raise Invalid(dict(form.errors))
        slot, late = form.cleaned_data["slot"], form.late()
        if "release" in asked:
            release_hold(actor, referral_id=referral.pk)
        elif "service" in asked and purpose == DRAFT:
            choose_clinic(actor, referral_id=referral.pk, service_id=asked["service"])
            return go(request, "patients:referral_confirm", referral.pk)
        elif purpose == MOVE and slot and "move" in asked:
            reschedule_referral(
                actor,
                referral_id=referral.pk,
                slot_id=slot,
                comment=form.cleaned_data["comment"],
                **late,
            )
            return go(request, "patients:referral", referral.pk, message=_("The booking is moved."))
        elif purpose == BOOK and slot and "book" in asked:
            book_referral(actor, referral_id=referral.pk, slot_id=slot, **late)
            return go(request, "patients:referral", referral.pk, message=_("The patient is booked."))
        elif slot and purpose != MOVE:
            booking = choose_time(actor, referral_id=referral.pk, slot_id=slot)
            self.query = self.query.copy()
            self.query["service"] = str(booking.slot.service_id)
        return None

    def _refused(self, referral: Referral, purpose: str, form: BookForm, error: PortalError) -> HttpResponse:
        add_error(form, error)
        status = 422 if self.request.htmx else 409 if isinstance(error, SlotTaken) else error.status
        return self._page(referral, purpose, form=form, error=error, status=status)

    def _page(
        self,
        referral: Referral,
        purpose: str,
        form: BookForm | None = None,
        error: PortalError | None = None,
        status: int = 200,
    ) -> HttpResponse:
        booking = booking_of(referral)
        held = booking if booking is not None and booking.state == BookingState.HELD else None
        due = compare.due_preview(referral)
        wanted = compare.Wanted.of(self.query, referral.payment)
        age = age_on(referral.patient, timezone.localdate())
        offers, misfits = compare.offers_for(referral, age)
        tests = wanted.tests(due)
        shown = [offer for offer in offers if all(test(offer) for test in tests.values())]
        if wanted.sort in compare.SORTS:
            shown.sort(key=compare.SORTS[wanted.sort])
        chosen_service = self._chosen(referral, held, shown)
        opened = next((offer for offer in shown if offer.service.pk == chosen_service), None)
        picked = self._picked(purpose, opened)
        chosen_slot = held.slot_id if held else picked and picked.pk
        grid = self._grid(referral, opened, chosen_slot, due)
        special = compare.special_of(shown)
        all_url = self._url(week=None, slot=None, f="1", **dict.fromkeys(noclinic.GROUPS))
        nothing = None
        if not offers:
            nothing = noclinic.nothing_fits(referral, misfits, age=age, editable=purpose == DRAFT)
        elif not shown:
            nothing = noclinic.filtered_out(offers, wanted, due, self._url, all_url)
        context = self.get_context_data(
            referral=referral,
            purpose=purpose,
            form=form or BookForm(),
            refusal=error,
            alternatives=compare.alternatives(error),
            steps=wizard(3, referral) if purpose == DRAFT else None,
            due=due,
            wanted=wanted,
            facets=compare.facets(offers, wanted, due),
            stops=len(compare.DISTANCES),
            stop=compare.DISTANCES.index(wanted.km) if wanted.km else len(compare.DISTANCES),
            distances=" ".join(map(str, compare.DISTANCES)),
            cards=[
                compare.card(
                    offer,
                    chosen_service,
                    due,
                    self._url(service=str(offer.service.pk), week=None, slot=None),
                    special.get(offer.service.pk, []),
                )
                for offer in shown
            ],
            hidden_count=len(offers) - len(shown),
            grid=grid,
            earlier_url=grid and grid.earlier and self._url(week=grid.earlier.isoformat()),
            later_url=grid and self._url(week=grid.later.isoformat()),
            shown_slots=compare.SHOWN_SLOTS,
            held=compare.held_card(referral, held, due) if held else None,
            may_decline="decline_offer" in available_actions(self.request.actor, referral),
            booking=booking if booking is not None and booking.state == BookingState.BOOKED else None,
            picked=compare.picked_card(picked, due) if picked else None,
            hold_minutes=settings.HOLD_MINUTES,
            query=self.query.urlencode(),
            pairs=[(name, value) for name in self.query for value in self.query.getlist(name)],
            all_url=all_url,
            nothing=nothing,
            misfits=noclinic.misfit_words(misfits, age=age, sex=referral.patient.sex),
            decided=referral.state == ReferralState.DRAFT and compare.decides_first(referral),
        )
        return self.render_to_response(context, status=status)

    def _chosen(self, referral: Referral, held: Any, shown: list[Any]) -> uuid.UUID | None:
        """Whose times are open: the one asked for, the one with the time that is kept, the draft's own, the first."""
        asked = self.query.get("service", "")
        for pk in (asked, held and held.slot.service_id, referral.service_id):
            for offer in shown:
                if str(offer.service.pk) == str(pk):
                    return offer.service.pk
        return shown[0].service.pk if shown else None

    def _picked(self, purpose: str, opened: Any) -> Slot | None:
        """The time that a booking is about to be moved to, before it is."""
        if purpose != MOVE or opened is None:
            return None
        return see_slot(self.request.POST.get("slot") or self.query.get("slot", ""))

    def _url(self, **changes: str | None) -> str:
        """This page with some of its address changed; None takes away."""
        query = self.query.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return f"{self.request.path}?{query.urlencode()}"

    def _grid(self, referral: Referral, opened: Any, chosen: Any, due: date | None) -> timegrid.Grid | None:
        if opened is None:
            return None
        if opened.service.booking_mode == BookingMode.TRIAGE and not self._decided(referral, opened):
            return None
        try:
            week = date.fromisoformat(self.query.get("week", ""))
        except ValueError:
            week = None
        return timegrid.grid(referral, opened, week=week, chosen=chosen, due=due)

    def _decided(self, referral: Referral, opened: Any) -> bool:
        """Whether the clinic that decides first has decided for this referral."""
        return referral.submitted_at is not None and referral.service_id == opened.service.pk
