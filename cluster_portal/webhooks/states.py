"""The states of a delivery."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

OWNER, WORKER = "owner", "worker"


class DeliveryState(TextChoices):
    PENDING = "pending", pgettext_lazy("delivery", "To be sent")
    DELIVERED = "delivered", pgettext_lazy("delivery", "Delivered")
    DEAD = "dead", pgettext_lazy("delivery", "Given up")


_S = DeliveryState
DELIVERY = Machine(
    "state",
    [
        row("deliver", _S.PENDING, _S.DELIVERED, WORKER),
        row("give_up", _S.PENDING, _S.DEAD, WORKER),
        row("resend", {_S.DELIVERED, _S.DEAD}, _S.PENDING, OWNER),
    ],
)
