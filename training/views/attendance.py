"""Presence: the list of a session, its code on the wall, and what a telephone opens.

Pages that a telephone opens are plain: a form and a button, no script, a few kilobytes, so that they come through a
crowded network; each can be sent again, and answers the same.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from cluster_portal.common.errors import NotFound, PortalError
from cluster_portal.documents.rendering import qr_html
from cluster_portal.web.mixins import PAGE_ERRORS, FragmentMixin, SignedInMixin, go
from training.errors import CodeOutdated, NotInIntake
from training.selectors import attendance as selectors
from training.selectors import codes
from training.services.attendance import check_in, note_attendance
from training.states import Way
from training.views.board import ids_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

#: Where the browser's session keeps when the code was followed, and for how long: somebody signs in, or tries again.
CAME, KEPT = "training.came", timedelta(minutes=30)


class SheetView(SignedInMixin, TemplateView):
    """Who was there: one list, one form."""

    template_name = "training/attendance/sheet.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        session = selectors.session_to_check(self.request.actor, pk)
        lines = selectors.sheet(session)
        present = sum(line.check is not None for line in lines)
        return super().get_context_data(
            **kwargs, session=session, intake=session.intake, lines=lines, present=present
        )

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        # Only whoever was shown as present is taken off: others came in by their telephones meanwhile.
        chosen, shown = (set(ids_of(request.POST.getlist(name))) for name in ("row", "was"))
        try:
            done = note_attendance(
                request.actor, session_id=pk, present=chosen - shown, absent=shown - chosen
            )
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            texts = [text for texts in getattr(error, "errors", {}).values() for text in texts]
            context = self.get_context_data(pk=pk, problem=" ".join(map(str, texts)) or str(error))
            return self.render_to_response(context, status=422)
        n = done["added"] + done["removed"]
        words = ngettext("Noted: %(n)d change", "Noted: %(n)d changes", n) % {"n": n}
        return go(request, "training:attendance", pk, message=words)


class CodeView(SignedInMixin, FragmentMixin, TemplateView):
    """The code of a session for the wall. It changes all the time: by htmx, and without script by the page itself."""

    template_name = "training/attendance/code.html"
    fragment_name = "training/attendance/_code.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        session = selectors.session_to_check(self.request.actor, pk)
        address = reverse("training:scan", args=[codes.session_code(session.pk)])
        return super().get_context_data(
            **kwargs,
            session=session,
            intake=session.intake,
            seconds=int(codes.SHOWN.total_seconds()),
            qr=qr_html(settings.PUBLIC_URL.rstrip("/") + address),
            present=session.checks.count(),
            is_open=selectors.is_open(session),
        )


class ScanView(View):
    """What the code of a session opens. It remembers when somebody came and leads on, through sign-in if need be."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        try:
            session_id = codes.read_session_code(code)
        except CodeOutdated as error:
            return _answer(request, error=error)
        request.session[CAME] = [str(session_id), timezone.now().isoformat()]
        return go(request, "training:check_in", session_id)


class CheckInView(SignedInMixin, View):
    """Somebody says to be there. Sending it again changes nothing and answers the same."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        session, check, is_mine = selectors.to_check_in(request.actor, pk)
        # Whoever comes without a code is told to scan one: that is no mistake yet.
        error = None if check or _came(request, pk) else CodeOutdated()
        if not is_mine:
            error = NotInIntake()
        return _answer(request, session=session, check=check, error=error, status=200)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        session, check, _is_mine = selectors.to_check_in(request.actor, pk)
        came = _came(request, pk)
        if not check and not came:
            return _answer(request, session=session, error=CodeOutdated())
        try:
            check_in(request.actor, session_id=pk, came_at=came)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            return _answer(request, session=session, error=error)
        return go(request, "training:check_in", pk)


class PersonView(SignedInMixin, View):
    """What somebody's own code opens for whoever checks presence: the person, and a button for each session now."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self._show(request, code)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        nomination_id = self._person(code)
        selectors.on_now(request.actor, nomination_id)
        try:
            session_id = uuid.UUID(request.POST.get("session", ""))
        except ValueError:
            raise NotFound from None
        try:
            note_attendance(request.actor, session_id=session_id, present=[nomination_id], way=Way.PERSON)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            return self._show(request, code, error)
        return go(request, "training:attend_person", code)

    def _person(self, code: str) -> uuid.UUID:
        if (nomination_id := codes.read_person_code(code)) is None:
            raise NotFound
        return nomination_id

    def _show(self, request: HttpRequest, code: str, error: PortalError | None = None) -> HttpResponse:
        nomination, sessions = selectors.on_now(request.actor, self._person(code))
        context = {"nomination": nomination, "sessions": sessions, "error": error}
        status = error.status if error else 200
        return _private(render(request, "training/attendance/person.html", context, status=status))


def _answer(
    request: HttpRequest, *, error: PortalError | None = None, status: int = 0, **context: Any
) -> HttpResponse:
    status = status or (error.status if error else 200)
    context |= {"error": error, "outdated": isinstance(error, CodeOutdated)}
    return _private(render(request, "training/attendance/check_in.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _came(request: HttpRequest, session_id: uuid.UUID) -> datetime | None:
    """When this browser followed a code of the session, if that is not long ago."""
    whose, at = request.session.get(CAME) or ("", "")
    if whose != str(session_id):
        return None
    came = datetime.fromisoformat(at)
    return came if timezone.now() - came <= KEPT else None


def own_code(nomination_id: uuid.UUID) -> str:
    """Somebody's own code for an intake, drawn."""
    address = reverse("training:attend_person", args=[codes.person_code(nomination_id)])
    return qr_html(settings.PUBLIC_URL.rstrip("/") + address)
