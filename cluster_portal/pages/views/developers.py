"""The developers' page: how a program of a clinic is connected."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from cluster_portal.accounts import sandbox
from cluster_portal.pages import examples
from cluster_portal.pages.selectors import developers

#: What was added to the interface, the newest first. Nothing is ever taken away within v1.
CHANGES = (
    (date(2026, 11, 23), _("Rejecting the figures of a company asks for the reason.")),
    (
        date(2026, 11, 23),
        _("Filters that count days, years, places or missed visits refuse fractions."),
    ),
    (
        date(2026, 11, 23),
        _("Services of clinics are written too; papers of plots and tenders; plots as GeoJSON."),
    ),
    (date(2026, 11, 23), _("Projects, roadmap, working groups, roadshow; projects as open data (OC4IDS).")),
    (date(2026, 11, 22), _("Plots and clinics for maps by OGC API Features at /ogc/.")),
    (date(2026, 11, 22), _("Referrals, slots and clinics by FHIR R4 at /fhir/r4/.")),
    (date(2026, 11, 22), _("Tenders as open contracting data (OCDS).")),
    (date(2026, 11, 21), _("Specialists, nominations, certificates and rooms of training.")),
    (date(2026, 11, 21), _("Questions to specialists, the waiting list, imports of tables.")),
    (date(2026, 11, 20), _("The first edition: registry, slots, patients, referrals, bookings.")),
)
#: What stands in the examples where there is no sandbox.
UNKNOWN = ("YOUR_CLIENT_ID", "YOUR_CLIENT_SECRET")


class Developers(TemplateView):
    """Getting a client, a tutorial that can be pasted, and what else a program has to know."""

    template_name = "pages/developers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_open = sandbox.sandbox_is_open()
        client = (sandbox.CLIENT_ID, sandbox.SECRET) if is_open else UNKNOWN
        address = self.request.build_absolute_uri("/").rstrip("/")
        return super().get_context_data(
            sandbox=client if is_open else None,
            steps=[(step, examples.filled(step.code, address, *client)) for step in examples.TUTORIAL],
            python=examples.filled(examples.PYTHON, address, *client),
            failures=developers.failures(),
            events=developers.events(),
            scopes=developers.scope_words(),
            limits=developers.limits(),
            changes=CHANGES,
            **kwargs,
        )
