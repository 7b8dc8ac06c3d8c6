"""What the roadmap and its working groups cannot do, in words."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, constraint


@constraint("group_one_chair", field="role")
class ChairTaken(Conflict):
    code, title = "chair_taken", _("The group has a chair already.")


@constraint("group_one_seat", field="email")
class AlreadyInGroup(Conflict):
    code, title = "already_in_group", _("This person is in the group already.")


class GroupDissolved(Conflict):
    code, title = "group_dissolved", _("The group is dissolved: its papers stay as they are.")


class MeetingAhead(Conflict):
    code, title = "meeting_ahead", _("The meeting has not begun yet.")


@constraint("roadmap_link_cycle", field="needs")
class RoadmapCircle(Conflict):
    code, title = "roadmap_circle", _("The items would wait for each other in a circle.")
