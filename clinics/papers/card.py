"""The card of a clinic on one sheet: where it is, when it is open, what it does, with a code that opens its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.detail import clinic_detail
from clinics.selectors.wording import address_line, country_name, language_name, short_payments
from clinics.states import Ownership
from cluster_portal.documents import rendering
from cluster_portal.web import wording

if TYPE_CHECKING:
    import uuid

    from clinics.models import Clinic
    from clinics.selectors.detail import Detail, HoursLine
    from cluster_portal.common.actor import Actor

#: More services than these do not fit on a sheet; the code leads to the rest.
SERVICES = 24


def page_address(clinic_id: uuid.UUID) -> str:
    """What the square code of a card says."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("clinics:detail", args=[clinic_id])


def clinic_card(actor: Actor, clinic_id: uuid.UUID) -> bytes:
    """An A4 sheet (PDF) about a clinic that the actor sees, in the reader's language. Raises NotFound.

    Free times are not on it: paper outlives them.
    """
    detail = clinic_detail(actor, clinic_id)
    return rendering.pdf("clinic_card", _data(detail))


def _data(detail: Detail) -> dict[str, Any]:
    clinic, cluster = detail.clinic, current_cluster()
    open_lines = [line for line in detail.services if line.licence]
    day = wording.date_short(today_at(clinic.time_zone))
    return {
        "language": wording.language(),
        "title": clinic.name,
        "cluster": cluster.name,
        "kind": " · ".join(_kind(clinic)),
        "about": clinic.description,
        "facts": [
            {"label": label, "value": value} for label, value in _facts(clinic, detail) if value
        ],
        "services_title": _("Services"),
        "services": [
            {
                "name": line.service.service_type.name,
                "how": line.service.get_mode_display(),
                "payments": short_payments(line.service.payments),
                "price": "" if line.service.price is None else wording.money(line.service.price, cluster.currency),
            }
            for line in sorted(open_lines, key=lambda line: line.service.service_type.name)[:SERVICES]
        ],
        "more": _("and %(n)s more on the clinic's page") % {"n": len(open_lines) - SERVICES}
        if len(open_lines) > SERVICES
        else "",
        "papers_title": _("Licences and accreditations"),
        "papers": _papers(detail),
        "hours_title": _("Opening hours"),
        "hours": [{"label": _days(line), "value": _hours(line)} for line in detail.hours],
        "qr": rendering.qr(page_address(clinic.pk)),
        "qr_alt": _("Code that opens the clinic's page"),
        "qr_words": _("First free visits, prices and how to get an appointment"),
        "address": page_address(clinic.pk),
        "printed": _("As of %(day)s. %(cluster)s") % {"day": day, "cluster": cluster.name},
    }  # fmt: skip


def _kind(clinic: Clinic) -> list[str]:
    ownership = clinic.organization.ownership
    words = [str(Ownership(ownership).label), clinic.get_type_display()]
    return [*words, country_name(clinic.organization.country)] if ownership == Ownership.FOREIGN else words


def _facts(clinic: Clinic, detail: Detail) -> list[tuple[str, str]]:
    interpreters = [f"{language_name(code)} ({_('interpreter')})" for code in clinic.interpreters]
    return [
        (_("Address"), address_line(clinic)),
        (_("Phone"), clinic.phone),
        (_("E-mail"), clinic.email),
        (_("Languages"), ", ".join([*map(language_name, clinic.languages), *interpreters])),
        (_("Wheelchair access"), _("yes") if clinic.wheelchair else ""),
        (_("Beds"), str(clinic.beds or "")),
        (_("Equipment"), ", ".join(line.name for line in detail.equipment if line.in_repair < line.number)),
    ]


def _papers(detail: Detail) -> list[dict[str, str]]:
    licences = [(_("Licence"), row.licence, row.standing) for row in detail.licences]
    attested = [(str(row.get_scheme_display()), row, where) for row, where in detail.accreditations]
    return [
        {"name": f"{name} № {paper.number}", "authority": paper.authority, "until": standing.text}
        for name, paper, standing in [*licences, *attested]
        if paper.is_valid(detail.today)
    ]


def _days(line: HoursLine) -> str:
    first = wording.weekday_name(line.first)
    return first if line.last == line.first else f"{first}–{wording.weekday_name(line.last)}"


def _hours(line: HoursLine) -> str:
    if line.hours is None:
        return pgettext("day", "closed")
    opens, closes = (f"{moment:%H:%M}" for moment in line.hours)
    return _("round the clock") if (opens, closes) == ("00:00", "23:59") else f"{opens}–{closes}"
