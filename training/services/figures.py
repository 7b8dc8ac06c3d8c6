"""Counting what the homes of the offices show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from cluster_portal.common.models import SummaryState
from cluster_portal.common.service import service
from training.models import TrainingFigure
from training.selectors.figures.home import TRAINING, counted_now

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


@service
def count_figures(actor: Actor) -> int:
    """Replace the figures by new ones; readers see the count of before or of after. Returns how many.

    None are counted where somebody else is just doing it. A thousand placements are read in a moment, so nothing marks
    what has changed.
    """
    SummaryState.objects.get_or_create(pk=TRAINING)
    state = SummaryState.objects.select_for_update(skip_locked=True).filter(pk=TRAINING).first()
    if state is None:
        return 0
    state.as_of = timezone.now()
    figures = counted_now()
    TrainingFigure.objects.all().delete()
    TrainingFigure.objects.bulk_create(figures)
    state.save(update_fields=["as_of"])
    return len(figures)
