"""Webhooks of programs: made, looked after, their messages sent again. A secret is shown on one page, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.forms.webhooks import WebhookForm
from clinics.selectors.clients import CLIENT_KEEPERS, kept_clients
from cluster_portal.common.errors import IllegalTransition
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from cluster_portal.webhooks import selectors
from cluster_portal.webhooks.services import subscriptions as services
from cluster_portal.webhooks.states import DELIVERY, OWNER, DeliveryState

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from cluster_portal.webhooks.models import Delivery, Subscription

ORDER = ("-created_at", "-id")
TONES = {DeliveryState.PENDING: "warn", DeliveryState.DELIVERED: "good", DeliveryState.DEAD: "danger"}
ICONS = {DeliveryState.PENDING: "clock", DeliveryState.DELIVERED: "check", DeliveryState.DEAD: "x"}


def standing(webhook: Subscription) -> tuple[str, Any, str]:
    """How a webhook does, as a chip: tone, words, icon."""
    if not webhook.client.is_active:
        return "neutral", _("The program is switched off"), "plug"
    if not webhook.is_enabled:
        return "neutral", pgettext_lazy("webhook", "Stopped"), "clock-pause"
    if webhook.failures:
        return "danger", pgettext_lazy("webhook", "Does not answer"), "alert-triangle"
    return "good", pgettext_lazy("webhook", "Works"), "check"


class WebhooksView(SignedInMixin, TemplateView):
    """The webhooks of the programs that one keeps, the latest first."""

    roles = tuple(CLIENT_KEEPERS)
    template_name = "clinics/webhooks/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = page_of(self.request, selectors.kept_webhooks(self.request.actor), ORDER)
        page.items = [{"webhook": row, "standing": standing(row)} for row in page.items]
        programs = kept_clients(self.request.actor)
        return super().get_context_data(**kwargs, page=page, programs=programs)


class WebhookPage(SignedInMixin, TemplateView):
    """One webhook: where it leads, what it tells, its messages with their tries."""

    roles = tuple(CLIENT_KEEPERS)
    template_name = "clinics/webhooks/detail.html"

    def shown(self, request: HttpRequest, webhook: uuid.UUID, secret: str) -> HttpResponse:
        """The page with a secret that is nowhere else; nobody's cache keeps it."""
        response = self.render_to_response(self.get_context_data(pk=webhook, secret=secret))
        response.headers["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor, state = self.request.actor, self.request.GET.get("state", "")
        if state and state not in DeliveryState.values:
            raise Http404
        webhook = selectors.open_webhook(actor, pk)
        page = page_of(self.request, selectors.messages_of(actor, pk, state), ORDER, size=25)
        page.items = [_message(row) for row in page.items]
        return super().get_context_data(
            **kwargs,
            webhook=webhook,
            page=page,
            state=state,
            standing=standing(webhook),
            tabs=_tabs(webhook, state),
        )


def _message(row: Delivery) -> dict[str, Any]:
    return {
        "delivery": row,
        "tone": TONES[row.state],
        "icon": ICONS[row.state],
        "tries": [{**one, "at": parse_datetime(one["at"])} for one in reversed(row.tries)],
        "possible": DELIVERY.available(row.state, {OWNER}),
    }


def _tabs(webhook: Subscription, state: str) -> list[dict[str, Any]]:
    address = reverse("clinics:webhook", args=[webhook.pk])
    tabs = [
        ("", pgettext_lazy("messages", "All"), None),
        (DeliveryState.PENDING, DeliveryState.PENDING.label, webhook.waiting),
        (DeliveryState.DELIVERED, DeliveryState.DELIVERED.label, None),
        (DeliveryState.DEAD, DeliveryState.DEAD.label, webhook.dead),
    ]
    return [
        {
            "label": label, "url": f"{address}?state={key}" if key else address, "current": key == state,
            "count": count, "alert": key == DeliveryState.DEAD,
        }
        for key, label, count in tabs
    ]  # fmt: skip


class WebhookFormPage(SignedInMixin, ServiceFormMixin, FormView):
    """The form of a webhook."""

    roles = tuple(CLIENT_KEEPERS)
    template_name = "clinics/webhooks/form.html"
    form_class = WebhookForm


class NewWebhookView(WebhookFormPage):
    """Another webhook of a program, which the address names."""

    def look_up(self, request: HttpRequest, program: uuid.UUID) -> None:
        self.program = selectors.open_program(request.actor, program)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"program": self.program}

    def perform(self, form: WebhookForm) -> HttpResponse:
        webhook, secret = services.create_subscription(
            self.request.actor, program_id=self.program.pk, **form.cleaned_data
        )
        page = WebhookPage()
        page.setup(self.request)
        return page.shown(self.request, webhook.pk, secret)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, program=self.program, back=reverse("clinics:webhooks"))


class EditWebhookView(WebhookFormPage):
    """Another address, other events."""

    success_message = gettext_lazy("The webhook is changed")

    def look_up(self, request: HttpRequest, pk: uuid.UUID) -> None:
        self.webhook = selectors.open_webhook(request.actor, pk)

    def get_form_kwargs(self) -> dict[str, Any]:
        kept = tuple(self.webhook.events)
        initial = {"url": self.webhook.url}
        return super().get_form_kwargs() | {"program": self.webhook.client, "kept": kept, "initial": initial}

    def perform(self, form: WebhookForm) -> None:
        services.change_subscription(self.request.actor, subscription_id=self.webhook.pk, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("clinics:webhook", args=[self.webhook.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, webhook=self.webhook, program=self.webhook.client, back=self.get_success_url()
        )


class WebhookActView(WebhookPage):
    """Stop it, let it go on, delete it, take another secret, send all again that was given up."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID, act: str) -> HttpResponse:
        actor = request.actor
        if act == "rotate":
            _webhook, secret = services.rotate_secret(actor, subscription_id=pk)
            return self.shown(request, pk, secret)
        if act == "delete":
            services.delete_subscription(actor, subscription_id=pk)
            return go(request, "clinics:webhooks", message=_("The webhook is deleted with its messages"))
        if act == "resend":
            resent = services.resend_given_up(actor, subscription_id=pk)
            words = ngettext(
                "%(n)d message is on its way again", "%(n)d messages are on their way again", resent
            )
            return go(request, "clinics:webhook", pk, message=words % {"n": resent})
        if act not in {"stop", "resume"}:
            raise Http404
        services.switch_subscription(actor, subscription_id=pk, on=act == "resume")
        words = _("Messages go on") if act == "resume" else _("Nothing is sent until you let it go on")
        return go(request, "clinics:webhook", pk, message=words)


class ResendView(SignedInMixin, View):
    """Send one message again."""

    roles = tuple(CLIENT_KEEPERS)
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        try:
            delivery = services.resend_delivery(request.actor, delivery_id=pk)
            words = _("The message is on its way again")
        except IllegalTransition:
            delivery = selectors.deliveries_of(request.actor).get(pk=pk)
            words = _("The message is on its way already")
        return go(request, "clinics:webhook", delivery.subscription_id, message=words)
