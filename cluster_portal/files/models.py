"""The columns that every sent file has."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.files.formats import TRAITS, Format
from cluster_portal.files.names import LONGEST


class StoredContent(UUIDModel, TimeStamped):
    """Base of every row that has a content in the private storage under `path`, a random name.

    The sweep of orphans finds every subclass by itself.
    """

    path = models.CharField(max_length=80, unique=True, editable=False)

    class Meta:
        abstract = True


class StoredFile(StoredContent):
    """Base of an app's own files: `class Scan(StoredFile)` with a foreign key to what it belongs to.

    `name` is what the sender called it, made harmless; `size` (bytes) and
    `sha256` (hex) are of what is stored. Rows are made inside `storage.kept(…)`, of `columns()` of what it gives.
    """

    name = models.CharField(_("name"), max_length=LONGEST)
    format = models.CharField(_("format"), max_length=5, choices=Format)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="%(app_label)s_%(class)s_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def content_type(self) -> str:
        """What it is served as."""
        return TRAITS[self.format].content_type
