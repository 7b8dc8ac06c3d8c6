"""The minutes of a meeting of a working group, as a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.selectors.cluster import current_cluster
from cluster_portal.documents import rendering
from cluster_portal.web import wording
from investors.group_states import GroupRole
from investors.papers.minutes import told_moment

if TYPE_CHECKING:
    from investors.models import GroupMember
    from investors.selectors.groups import MeetingFile


def meeting_protocol(found: MeetingFile) -> bytes:
    """The minutes (PDF) in the reader's language, with lines for the hands of who chaired and who wrote."""
    meeting, cluster = found.meeting, current_cluster()
    at = told_moment(meeting.starts, cluster.time_zone)
    seats = [*found.present, *found.absent]
    return rendering.pdf(
        "meeting_protocol",
        {
            "language": wording.language(),
            "cluster": cluster.name,
            "title": _("Minutes of the meeting"),
            "group": meeting.group.title,
            "facts": [
                {"label": pgettext("meeting", "Time"), "value": at},
                {"label": pgettext("meeting", "Place"), "value": meeting.place},
            ],
            "present_title": pgettext("meeting", "Present"),
            "present": [_person(one) for one in found.present],
            "absent_title": pgettext("meeting", "Absent"),
            "absent": [_person(one) for one in found.absent],
            "agenda_title": pgettext("meeting", "Agenda"),
            "agenda": meeting.agenda,
            "minutes_title": pgettext("meeting", "What was said"),
            "minutes": meeting.minutes,
            "decisions_title": pgettext("meeting", "Decisions"),
            "decisions": [
                {
                    "text": decision.text,
                    "tasks": [
                        _("%(who)s, until %(due)s: %(task)s")
                        % {
                            "who": task.responsible.name, "due": wording.date_words(task.due_on, year=True),
                            "task": task.text,
                        }
                        for task in decision.told
                    ],
                }
                for decision in found.decisions
            ],
            "none": _("Nothing was decided."),
            "hands": [
                {"role": str(GroupRole(role).label), "name": next((one.name for one in seats if one.role == role), "")}
                for role in (GroupRole.CHAIR, GroupRole.SECRETARY)
            ],
            "signature": _("Signature"),
            "printed": f"{meeting.group.title} · {at}",
        },
    )  # fmt: skip


def _person(seat: GroupMember) -> str:
    return ", ".join(part for part in (seat.name, seat.post, seat.body) if part)
