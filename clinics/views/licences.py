"""Papers of clinics for those who keep them: the lists, a paper's page, and what is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.forms.licences import (
    AccreditationForm,
    CredentialFilter,
    LicenceForm,
    PermitForm,
    ReasonForm,
    RegimeForm,
    ScanForm,
    SuspendForm,
)
from clinics.selectors import credentials as selectors
from clinics.selectors.calendar import today_at
from clinics.selectors.regime import regime_clinics
from clinics.services import licences as services
from cluster_portal.accounts.roles import Role
from cluster_portal.files.formats import TRAITS
from cluster_portal.files.responses import download
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from clinics.models import Credential
    from cluster_portal.common.actor import Actor

KEEPERS = (Role.MANAGER, Role.OFFICE)
FORMS = {
    "licence": LicenceForm, "accreditation": AccreditationForm, "regime": RegimeForm, "permit": PermitForm,
}  # fmt: skip
WORDS = {
    "licence": {
        "list": gettext_lazy("Licences"), "one": gettext_lazy("Licence"), "new": gettext_lazy("Enter a licence"),
        "renew": gettext_lazy("Renew the licence"), "icon": "license",
    },
    "accreditation": {
        "list": gettext_lazy("Accreditations"), "one": gettext_lazy("Accreditation"),
        "new": gettext_lazy("Enter an accreditation"), "renew": gettext_lazy("Renew the accreditation"),
        "icon": "certificate",
    },
    "permit": {
        "list": gettext_lazy("Permits"), "one": gettext_lazy("Permit"), "new": gettext_lazy("Enter a permit"),
        "renew": gettext_lazy("Renew the permit"), "icon": "id",
    },
    "regime": {
        "list": gettext_lazy("Special regimes"), "one": gettext_lazy("Special regime"),
        "new": gettext_lazy("Enter a special regime"), "renew": gettext_lazy("Renew the special regime"),
        "icon": "world",
    },
}  # fmt: skip
#: What each kind is for, above its list.
ABOUT = {
    "licence": gettext_lazy(
        "After the last day of a licence nobody can be booked for what it covers. You are reminded 90, 30 and 7 days "
        "before."
    ),
    "accreditation": gettext_lazy(
        "What independent bodies attest. You are reminded 90, 30 and 7 days before one ends."
    ),
    "permit": gettext_lazy(
        "On qualifications of the home country a practitioner sees patients on the days of a permit. You are reminded "
        "90, 30 and 7 days before one ends."
    ),
    "regime": gettext_lazy(
        "By which decision a foreign clinic works under the special regime. On other days its permits and methods do "
        "not hold."
    ),
}
#: What a step of the story is called.
STEPS = {
    "issue": gettext_lazy("Issued"), "renew": gettext_lazy("Renewed"), "suspend": gettext_lazy("Suspended"),
    "resume": gettext_lazy("Resumed"), "cancel": gettext_lazy("Cancelled"),
}  # fmt: skip


def paper_tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The lists of papers that concern the actor: those of the special regime only where a clinic is under one."""
    names = {kind: words["list"] for kind, words in WORDS.items()} | {
        "method": gettext_lazy("Methods and medicines")
    }
    shown = ["licence", "accreditation"]
    if actor.has(Role.OFFICE):
        shown = list(names)
    elif current in {"permit", "method"} or regime_clinics(actor):
        shown += ["permit", "method"]
    return [
        {"label": names[kind], "url": reverse(f"clinics:{kind}s"), "current": kind == current, "count": None}
        for kind in shown
    ]


#: What an act leads to, where it is another thing than with a licence.
NOTES = {
    ("suspend", "accreditation"): gettext_lazy("On these days it is not shown as valid. Nothing closes."),
    ("suspend", "permit"): gettext_lazy(
        "On these days the practitioner’s times there take no bookings. Who is booked already stays booked."
    ),
    ("suspend", "regime"): gettext_lazy(
        "On these days times of practitioners under a permit take no bookings. Who is booked already stays booked."
    ),
}


class CredentialMixin(SignedInMixin):
    """A page of one of the kinds; `address` builds the addresses of the same kind."""

    kind: str = "licence"

    def address(self, name: str = "", *args: Any) -> str:
        return reverse(f"clinics:{self.kind}{name}", args=args)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lists = {"list_url": self.address("s"), "new_url": self.address("_new")}
        return super().get_context_data(**kwargs, kind=self.kind, words=WORDS[self.kind], **lists)


class CredentialListView(CredentialMixin, TemplateView):
    """Those of the own clinics, or of all for the office, with the ones that end first at the top."""

    roles = KEEPERS
    template_name = "clinics/licences/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = CredentialFilter(self.request.GET, clinics=selectors.kept_clinics(actor, self.kind))
        bar.is_valid()
        asked = {"state": bar.cleaned_data.get("state", ""), "clinic": bar.cleaned_data.get("clinic", "")}
        by = selectors.Narrowing(text=bar.cleaned_data.get("q", "").strip(), **asked)
        page = page_of(self.request, selectors.kept_credentials(actor, self.kind, by), selectors.ORDER)
        page.items = [self.row(credential) for credential in page.items]
        return super().get_context_data(
            **kwargs,
            page=page,
            filter=bar,
            narrowed=bool(by),
            tabs=paper_tabs(actor, self.kind),
            about=ABOUT[self.kind],
        )

    def row(self, credential: Credential) -> dict[str, Any]:
        """A paper as the list shows it."""
        today = today_at(credential.clinic.time_zone)
        renewed = selectors.is_renewed(credential)
        return {
            "credential": credential,
            "standing": selectors.standing(credential, today, renewed=renewed),
            "url": self.address("", credential.pk),
        }


class CredentialView(CredentialMixin, TemplateView):
    """One paper: what it covers, where it stands, its story, its scans, what can be done."""

    template_name = "clinics/licences/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        paper = selectors.paper_of(self.request.actor, self.kind, pk)
        files = [self.file(paper, scan) for scan in paper.scans]
        acts = {act: self.address(f"_{act}", pk) for act in paper.actions}
        linked = {
            "renews_url": paper.credential.renews_id and self.address("", paper.credential.renews_id),
            "renewal_url": selectors.is_renewed(paper.credential)
            and self.address("", paper.credential.renewal.pk),
        }
        story = [(STEPS.get(step.action, step.action), step) for step in paper.steps]
        keeps = bool(paper.actions)
        scan = {"scan_form": ScanForm(), "scan_url": self.address("_scans", pk)} if keeps else {}
        return super().get_context_data(
            **kwargs,
            paper=paper,
            credential=paper.credential,
            files=files,
            acts=acts,
            story=story,
            **linked,
            **scan,
        )

    def file(self, paper: selectors.Paper, scan: Any) -> dict[str, Any]:
        """A scan as `components/file_list.html` shows it."""
        at = [paper.credential.pk, scan.pk]
        return {
            "name": scan.name, "url": self.address("_scan", *at), "kind": scan.format,
            "extension": TRAITS[scan.format].endings[0].upper()[:4], "meta": scan.author_name,
            "remove_url": self.address("_scan_remove", *at) if paper.actions else "",
        }  # fmt: skip


class CredentialFormView(ServiceFormMixin, CredentialMixin, FormView):
    """Base of the forms; a paper is led back to its page."""

    roles = KEEPERS
    template_name = "clinics/licences/form.html"

    @cached_property
    def credential(self) -> Credential:
        return selectors.credential_to_keep(self.request.actor, self.kind, self.kwargs["pk"])

    def done(self, credential: Credential, message: str) -> HttpResponse:
        return go(self.request, self.address("", credential.pk), message=message)


class NewCredentialView(CredentialFormView):
    """Enter a paper."""

    def get_form_class(self) -> type[Form]:
        return FORMS[self.kind]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clinics": selectors.kept_clinics(self.request.actor, self.kind)}

    def perform(self, form: Any) -> HttpResponse:
        made = services.add_credential(
            self.request.actor, kind=self.kind, clinic_id=form.cleaned_data["clinic"].pk,
            data=form.data_for_service(), scan=form.cleaned_data["scan"],
        )  # fmt: skip
        return self.done(made, _("Entered."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = WORDS[self.kind]
        return super().get_context_data(
            **kwargs, title=words["new"], back=self.address("s"), back_label=words["list"]
        )


class RenewCredentialView(CredentialFormView):
    """Enter the paper that follows this one."""

    def get_form_class(self) -> type[Form]:
        return FORMS[self.kind]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"renews": self.credential}

    def perform(self, form: Any) -> HttpResponse:
        made = services.renew_credential(
            self.request.actor, kind=self.kind, credential_id=self.kwargs["pk"], data=form.data_for_service(),
            scan=form.cleaned_data["scan"],
        )  # fmt: skip
        return self.done(made, _("Renewed."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"back": self.address("", self.credential.pk), "back_label": self.credential.number}
        return super().get_context_data(
            **kwargs, title=WORDS[self.kind]["renew"], subject=self.credential, **back
        )


class ActView(CredentialFormView):
    """Suspend, resume or cancel: a form of its own with what it leads to."""

    act: str = ""
    ACTS = {
        "suspend": (
            services.suspend_credential, SuspendForm, gettext_lazy("Suspend"), gettext_lazy("Suspended."),
            gettext_lazy("On these days its services take no bookings. Who is booked already stays booked."),
        ),
        "resume": (
            services.resume_credential, ReasonForm, gettext_lazy("Resume"), gettext_lazy("Resumed."),
            gettext_lazy("It is in force again from today on."),
        ),
        "cancel": (
            services.cancel_credential, ReasonForm, gettext_lazy("Cancel for good"), gettext_lazy("Cancelled."),
            gettext_lazy("It covers no day any more, and stays on record. This cannot be undone."),
        ),
    }  # fmt: skip

    def get_form_class(self) -> type[Form]:
        return self.ACTS[self.act][1]

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"required": False} if self.act == "resume" else {}
        return super().get_form_kwargs() | {"today": today_at(self.credential.clinic.time_zone)} | more

    def perform(self, form: Form) -> HttpResponse:
        perform, *_rest = self.ACTS[self.act]
        paper = perform(
            self.request.actor, kind=self.kind, credential_id=self.kwargs["pk"], **form.cleaned_data
        )
        return self.done(paper, self.ACTS[self.act][3])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        _service, _form, title, _done, note = self.ACTS[self.act]
        note = NOTES.get((self.act, self.kind), note)
        back = {"back": self.address("", self.credential.pk), "back_label": self.credential.number}
        return super().get_context_data(
            **kwargs, title=title, note=note, subject=self.credential, danger=self.act == "cancel", **back
        )


class AddScanView(CredentialFormView):
    """Send a scan; what is refused is said at the field."""

    form_class = ScanForm

    def perform(self, form: ScanForm) -> HttpResponse:
        services.attach_scan(
            self.request.actor,
            kind=self.kind,
            credential_id=self.kwargs["pk"],
            scan=form.cleaned_data["scan"],
        )
        return self.done(self.credential, _("Added."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"back": self.address("", self.credential.pk), "back_label": self.credential.number}
        return super().get_context_data(**kwargs, title=_("Add a scan"), subject=self.credential, **back)


class ScanView(CredentialMixin, View):
    """A scan, as a download. Journalled."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: uuid.UUID, scan: uuid.UUID) -> HttpResponse:
        return download(services.take_scan(request.actor, kind=self.kind, credential_id=pk, scan_id=scan))


class RemoveScanView(CredentialFormView):
    """GET asks, POST takes a wrong scan away."""

    form_class = Form

    def perform(self, form: Form) -> HttpResponse:
        at = {"credential_id": self.kwargs["pk"], "scan_id": self.kwargs["scan"]}
        services.remove_scan(self.request.actor, kind=self.kind, **at)
        return self.done(self.credential, _("The file is removed."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scan = selectors.scan_of(self.credential, self.kwargs["scan"])
        words = {"title": _("Remove the scan"), "note": _("The journal keeps who removed it and when.")}
        back = {"back": self.address("", self.credential.pk), "back_label": self.credential.number}
        return super().get_context_data(
            **kwargs, **words, **back, scan=scan, danger=True, subject=self.credential
        )
