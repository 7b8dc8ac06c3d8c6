"""A line of a work list as its template shows it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.selectors.openness import day_of
from cluster_portal.common.people import short_name
from cluster_portal.web.drawings import draw_icon
from patients.services.actions import ACTIONS, available_actions
from patients.states import CLOSED, ReferralState

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

STATE_LABELS = dict(ReferralState.choices)

#: Verbs of a narrow button; the dialog and the menu use the full ones of the action table.
SHORT = {
    "edit": pgettext_lazy("referral", "Continue"),
    "accept": pgettext_lazy("referral", "Decide"),
    "book": _("Choose a time"),
    "accept_offer": _("Answer the offer"),
    "arrive": _("Has come"),
    "complete": _("Conclusion"),
    "reschedule": _("Move"),
    "cancel": _("Cancel"),
    "hand_back": _("Hand back"),
}
#: What carries a referral forward; only these may stand on a button of their own.
FORWARD = ("edit", "accept", "accept_offer", "book", "arrive", "complete")
#: What closes a referral whose patient goes on missing visits, each for its side.
CLOSING = ("cancel", "hand_back")
ICONS = {
    "edit": "edit", "submit": "send", "accept": "check", "book": "calendar-plus", "arrive": "user-check",
    "complete": "report-medical", "reschedule": "calendar-event", "return_for_info": "arrow-back-up",
    "redirect": "arrows-left-right", "reject": "x", "no_show": "user-x", "record_call": "phone",
    "hand_back": "arrow-back-up",
    "cancel_booking": "calendar-x",
    "change_priority": "flag",
    "cancel": "trash", "read": "mail-opened", "accept_offer": "calendar-check", "decline_offer": "calendar-off",
    "wait": "hourglass", "change_preferences": "adjustments", "stop_waiting": "circle-x",
}  # fmt: skip
#: These lead to a page of their own; the others open a dialog over the page.
PAGES = frozenset({"edit", "submit", "book", "reschedule", "complete", "wait", "change_preferences"})


@dataclass(slots=True)
class Button:
    """An action that is possible now: where it leads, its words, its icon, whether it harms."""

    name: str
    url: str
    label: Any
    icon: str
    danger: bool = False
    dialog: bool = True
    short: Any = ""


def action_url(referral_id: Any, action: str) -> str:
    """Where an action is done: its dialog, or the step of the flow that it is."""
    names = {
        "edit": "referral_edit",
        "submit": "referral_confirm",
        "book": "referral_time",
        "reschedule": "referral_time",
    }
    if action in names:
        return reverse(f"patients:{names[action]}", args=[referral_id])
    return reverse("patients:referral_action", args=[referral_id, action])


def buttons(referral_id: Any, names: list[str]) -> list[Button]:
    """The buttons of the actions in `names`, in their order."""
    found = []
    for name in names:
        action = ACTIONS.get(name)
        label = action.label if action else _("Continue the draft")
        found.append(
            Button(
                name=name,
                url=action_url(referral_id, name),
                label=label,
                icon=ICONS[name],
                danger=bool(action and action.danger),
                dialog=name not in PAGES,
                short=SHORT.get(name, label),
            )
        )
    return found


#: A dialog over the list; without JavaScript the link leads to the same form as a page.
_DIALOG = mark_safe(' hx-target="#dialog-place" hx-swap="innerHTML" hx-get="')
_END = mark_safe('"')


def _link(button: Button, classes: str, words: Any, title: Any = "") -> str:
    dialog = format_html("{}{}{}", _DIALOG, button.url, _END) if button.dialog else ""
    return format_html(
        '<a href="{}"{}{}{}>{}{}</a>', button.url, format_html(' class="{}"', classes) if classes else "",
        format_html(' title="{}"', title) if title else "", dialog, draw_icon(button.icon), words,
    )  # fmt: skip


def draw_actions(number: str, main: Button | None, others: list[Button]) -> str:
    """The cell of a line's actions: the next step as a button, the rest in a menu.

    Drawn here rather than by an include: a page has fifty of them.
    """
    first, menu = "", ""
    if main is not None:
        words = format_html(
            '<span class="row-actions__text">{}</span><span class="visually-hidden">: {}</span>',
            main.short,
            number,
        )
        first = _link(main, "button button--small button--soft", words, title=main.label)
    if others:
        lines = format_html_join(
            "",
            "{}",
            ((_link(button, "is-danger" if button.danger else "", button.label),) for button in others),
        )
        menu = format_html(
            '<details class="dropdown"><summary class="icon-button icon-button--small" aria-label="{}">{}</summary>'
            '<div class="dropdown__panel">{}</div></details>',
            _("Actions with %(number)s") % {"number": number}, draw_icon("dots-vertical"), lines,
        )  # fmt: skip
    return format_html('<div class="row-actions">{}{}</div>', first, menu)


@dataclass(slots=True)
class Row:
    """One referral of a list."""

    values: dict[str, Any]
    url: str
    patient: str
    born: int
    label: Any
    met: bool
    open: bool
    offered: bool
    main: Button | None
    actions: str
    call: str = ""

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def _actions(actor: Actor, values: dict[str, Any]) -> list[str]:
    """What the actor can do with the referral of a row, without reading it."""
    referral = SimpleNamespace(
        **{
            name: values[name]
            for name in (
                "state",
                "source_organization_id",
                "target_organization_id",
                "submitted_at",
                "offer_until",
                "no_shows",
            )
        },
        appointment_at=values["appointment_at"],
        appointment_clinic=SimpleNamespace(time_zone=values["visit_zone"]),
    )
    return available_actions(actor, referral)


def present(actor: Actor, values: dict[str, Any], *, forward: tuple[str, ...] = FORWARD) -> Row:
    """A dictionary of `selectors.worklists.rows` as the template shows it; `forward` may stand on its button."""
    pk = values["id"]
    found = buttons(pk, _actions(actor, values))
    if values["state"] in (ReferralState.DRAFT, ReferralState.RETURNED):
        found = [button for button in found if button.name != "submit"]
    main = next((button for button in found if button.name in forward), None)
    if main is not None and main.name == "accept":
        # Nobody decides from a line: the reading pane shows what there is to judge.
        main.url, main.dialog = reverse("patients:triage_item", args=[pk]), False
    if main is not None and main.name == "accept_offer":
        # The referral's page shows what is offered, and until when.
        main.url, main.dialog, main.icon = reverse("patients:referral", args=[pk]), False, "hourglass"
    visit, due = values["appointment_at"], values["due_on"]
    met = bool(visit and due and day_of(visit, values["visit_zone"]) <= due)
    return Row(
        values=values,
        url=reverse("patients:referral", args=[pk]),
        patient=short_name(
            values["patient__family"], values["patient__given"], values["patient__patronymic"]
        ),
        born=values["patient__birth_date"].year,
        label=STATE_LABELS[values["state"]],
        met=met,
        open=values["state"] not in CLOSED,
        offered=main is not None and main.name == "accept_offer",
        main=main,
        actions=draw_actions(values["number"], main, [button for button in found if button is not main]),
    )
