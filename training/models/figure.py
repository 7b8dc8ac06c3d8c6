"""What the homes of the offices show of training, counted in the background."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from training.models.target import TrainingTarget


class TrainingFigure(models.Model):
    """A number, by its `code`; `whole` is of how many it is a part. `target` names the target that it is about.

    The rows of one count are written together (`services.figures`) and replaced by the next one.
    """

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=20)
    target = models.ForeignKey(TrainingTarget, models.CASCADE, null=True, related_name="figures")
    value = models.PositiveIntegerField()
    whole = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("figure of training")
        verbose_name_plural = _("figures of training")

    def __str__(self) -> str:
        return f"{self.code}: {self.value}"
