"""How the rooms for teaching are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.reports.parameters import period_of
from cluster_portal.accounts.roles import Role
from cluster_portal.reports.base import Report, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.periods import PeriodParameters
from training.policies import REPORTERS
from training.selectors.figures.rooms import use_of_rooms
from training.states import HallKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from cluster_portal.common.actor import Actor


class RoomParameters(PeriodParameters):
    kind = forms.ChoiceField(
        label=_("Kind of room"), required=False,
        choices=[("", pgettext_lazy("report", "all")), *HallKind.choices],
    )  # fmt: skip


@register
class RoomsUsed(Report):
    """Hours for which each room was open and booked, and what came to nothing."""

    code = "training.rooms"
    title = _("Use of rooms for teaching")
    description = _("Hours open, booked and taught in each room, and bookings that came to nothing.")
    group = "training"
    # Rooms are the cluster's: an employer has none of its own to look at.
    roles = REPORTERS - {Role.MANAGER}
    parameters = RoomParameters
    notes = (
        _("Days and hours are those of the room's own clock; what lies ahead within the period counts too."),
        _("Booked are confirmed bookings; requests that wait are not. The share is of the open hours in which the "
          "room was not closed for everybody."),
        _("Released are bookings that nobody took up in time."),
    )  # fmt: skip

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        hours = {"type": Type.DECIMAL, "total": True, "width": 12}
        number = {"type": Type.INTEGER, "total": True, "width": 12}
        return [
            Column("clinic", pgettext_lazy("report", "Site"), width=34),
            Column("room", _("Room"), width=34),
            Column("kind", _("Kind of room"), width=20),
            Column("capacity", _("Places"), Type.INTEGER, width=10),
            Column("opened", _("Hours open"), **hours),
            Column("closed", _("Of them closed"), **hours),
            Column("used", _("Hours booked"), **hours),
            Column("taught", _("Of them sessions of intakes"), **hours),
            Column("share", _("Share used"), Type.PERCENT, width=12),
            Column("bookings", pgettext_lazy("report", "Bookings"), **number),
            Column("rejected", pgettext_lazy("report", "Refused"), **number),
            Column("cancelled", pgettext_lazy("report", "Cancelled"), **number),
            Column("released", pgettext_lazy("report", "Released"), **number),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        for use in use_of_rooms(actor, period_of(params), kind=params["kind"]):
            room = use.room
            yield [
                room.clinic.short_name, room.name, capfirst(room.get_kind_display()), room.capacity,
                _hours(use.opened), _hours(use.closed), _hours(use.used), _hours(use.taught),
                use.used / use.available if use.available else None,
                use.bookings, use.rejected, use.cancelled, use.released,
            ]  # fmt: skip


def _hours(length: timedelta) -> float:
    return length.total_seconds() / 3600
