"""Why the comparison shows no clinic, or not all of them, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from clinics.selectors.offers import Offer
    from patients.models import Referral
    from patients.views.compare import Wanted

#: Groups of filters: the names that they have in the address, and what a button says that drops one.
GROUPS = {
    "payment": gettext_lazy("Any payment"),
    "km": gettext_lazy("Any distance"),
    "mode": gettext_lazy("Any way of seeing patients"),
    "language": gettext_lazy("Any language"),
    "ownership": gettext_lazy("Any ownership"),
    "in_time": gettext_lazy("Also later than the norm"),
    "wheelchair": gettext_lazy("Also without wheelchair access"),
}


@dataclass(slots=True)
class Nothing:
    """What stands where clinics would: the reason, the advice, and where the buttons lead."""

    icon: str
    title: Any
    text: str
    links: list[dict[str, Any]] = field(default_factory=list)


def _clinics(offers: Iterable[Offer]) -> int:
    return len({offer.clinic.pk for offer in offers})


def misfit_words(offers: list[Offer], *, age: int, sex: str) -> str:
    """Why these offers are not for a patient of this age (full years) and sex, in words; each clinic counted once."""
    groups: dict[str, list[Offer]] = {"young": [], "old": [], "sex": []}
    for offer in offers:
        service = offer.service
        why = "young" if age < service.age_min else "old" if age > service.age_max else "sex"
        groups[why].append(offer)
    parts = []
    if young := groups["young"]:
        n, least = _clinics(young), min(offer.service.age_min for offer in young)
        years = npgettext("younger than", "%(n)d year", "%(n)d years", least) % {"n": least}
        words = ngettext(
            "%(n)d clinic sees nobody younger than %(age)s",
            "%(n)d clinics see nobody younger than %(age)s",
            n,
        )
        parts.append(words % {"n": n, "age": years})
    if old := groups["old"]:
        n, most = _clinics(old), max(offer.service.age_max for offer in old)
        years = npgettext("older than", "%(n)d year", "%(n)d years", most) % {"n": most}
        words = ngettext(
            "%(n)d clinic sees nobody older than %(age)s", "%(n)d clinics see nobody older than %(age)s", n
        )
        parts.append(words % {"n": n, "age": years})
    if others := groups["sex"]:
        n = _clinics(others)
        if sex == "m":
            words = ngettext("%(n)d clinic sees only women", "%(n)d clinics see only women", n)
        else:
            words = ngettext("%(n)d clinic sees only men", "%(n)d clinics see only men", n)
        parts.append(words % {"n": n})
    return "; ".join(parts)


def nothing_fits(referral: Referral, misfits: list[Offer], *, age: int, editable: bool) -> Nothing:
    """No clinic offers the service to this patient, whatever the filters. `editable`: the service can be changed."""
    service = referral.service_type.name
    if misfits:
        title = _("No clinic sees this patient for the service")
        why = misfit_words(misfits, age=age, sex=referral.patient.sex)
        said = ngettext(
            "«%(service)s»: %(why)s. The patient is %(n)d year old.",
            "«%(service)s»: %(why)s. The patient is %(n)d years old.",
            age,
        ) % {"service": service, "why": why, "n": age}
    else:
        title = _("No clinic offers this service now")
        said = _("«%(service)s» is in the nomenclature, but no open clinic of the cluster offers it.") % {
            "service": service
        }
    if editable:
        advice = _("Choose another service.")
        link = {
            "label": _("Choose another service"),
            "url": reverse("patients:referral_edit", args=[referral.pk]),
        }
    else:
        advice = _("Write to the other clinic: the referral needs another service.")
        link = {"label": _("Back to the referral"), "url": reverse("patients:referral", args=[referral.pk])}
    if misfits:
        advice += " " + _("If the age or the sex is wrong, correct the patient's card.")
    return Nothing(icon="building-hospital", title=title, text=f"{said} {advice}", links=[link])


def filtered_out(
    offers: list[Offer], wanted: Wanted, due: date | None, url: Callable[..., str], all_url: str
) -> Nothing:
    """Clinics offer the service, the filters hide them all: which filter, dropped alone, would show how many."""
    tests = wanted.tests(due)
    links = []
    for name, label in GROUPS.items():
        left = _clinics(o for o in offers if all(test(o) for other, test in tests.items() if other != name))
        if left:
            words = ngettext("%(what)s: %(n)d clinic", "%(what)s: %(n)d clinics", left)
            links.append(
                {
                    "label": words % {"what": label, "n": left},
                    "url": url(f="1", week=None, slot=None, **{name: None}),
                }
            )
    n = _clinics(offers)
    said = ngettext(
        "%(n)d clinic offers the service to this patient.",
        "%(n)d clinics offer the service to this patient.",
        n,
    ) % {"n": n}
    advice = _("Drop one of the filters:") if links else _("Several filters together hide them.")
    links.append({"label": _("Show all clinics"), "url": all_url})
    return Nothing(
        icon="filter-off", title=_("No clinic fits these filters"), text=f"{said} {advice}", links=links
    )
