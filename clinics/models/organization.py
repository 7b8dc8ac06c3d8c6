"""The cluster itself, its member organisations and who serves them."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.states import ClusterRole, OrganizationStatus, Ownership, Sector
from cluster_portal.accounts.roles import Role
from cluster_portal.audit.triggers import Journal
from cluster_portal.common import identifiers
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated

# Members of the OECD, by ISO 3166 code: whether an organisation may work under the special regime is derived from
# its country, never typed (oecd.org, 38 members since Costa Rica joined in May 2021).
OECD = frozenset(
    {
        "AU", "AT", "BE", "CA", "CL", "CO", "CR", "CZ", "DK", "EE", "FI", "FR", "DE",
        "GR", "HU", "IS", "IE", "IL", "IT", "JP", "KR", "LV", "LT", "LU", "MX", "NL",
        "NZ", "NO", "PL", "PT", "SK", "SI", "ES", "SE", "CH", "TR", "GB", "US",
    }
)  # fmt: skip


class Cluster(models.Model):
    """The one cluster that this portal serves."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    slug = models.SlugField(unique=True)
    code = models.CharField(max_length=3, help_text="prefix of the numbers, three Latin letters")
    name = Translated(models.CharField(_("name"), max_length=200))
    region_name = Translated(models.CharField(_("region"), max_length=200))
    headline = Translated(models.CharField(_("headline"), max_length=200, blank=True))
    summary = Translated(models.TextField(_("summary"), blank=True))
    country = models.CharField(_("country"), max_length=2)
    time_zone = models.CharField(_("time zone"), max_length=40)
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    offer_hours = models.PositiveSmallIntegerField(
        _("hours to answer an offered time"),
        default=24,
        db_default=24,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text=_(
            "How long a time is kept for a patient on the waiting list. Days off do not count; less when it is near."
        ),
    )
    no_show_limit = models.PositiveSmallIntegerField(
        _("missed appointments after which a referral should be closed"),
        default=3,
        db_default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("From then on the list of missed appointments proposes to close the referral."),
    )
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="cluster_single")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.name


class ClusterTarget(models.Model):
    """A figure that the cluster has promised, with its source."""

    code = models.SlugField(unique=True)
    name = Translated(models.CharField(_("name"), max_length=200))
    note = Translated(models.CharField(_("note"), max_length=300, blank=True))
    value = models.DecimalField(_("target"), max_digits=12, decimal_places=2)
    unit = Translated(models.CharField(_("unit"), max_length=40, blank=True))
    due_year = models.PositiveSmallIntegerField(_("due"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    source_date = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.name


class Organization(UUIDModel, TimeStamped):
    """A legal member or partner of the cluster (FHIR Organization)."""

    name = Translated(models.CharField(_("name"), max_length=300))
    short_name = Translated(models.CharField(_("short name"), max_length=120))
    ownership = models.CharField(_("ownership"), max_length=8, choices=Ownership)
    sector = models.CharField(_("sector"), max_length=12, choices=Sector, default=Sector.HEALTHCARE)
    country = models.CharField(_("country"), max_length=2)
    inn = models.CharField("ИНН", max_length=12, blank=True, validators=[identifiers.validate_inn])
    ogrn = models.CharField("ОГРН", max_length=15, blank=True, validators=[identifiers.validate_ogrn])
    bin = models.CharField("БИН", max_length=12, blank=True, validators=[identifiers.validate_bin])
    foreign_number = models.CharField(_("foreign register number"), max_length=60, blank=True)
    cluster_role = models.CharField(
        _("role in the cluster"), max_length=20, choices=ClusterRole, default=ClusterRole.MEMBER
    )
    status = models.CharField(
        _("status"), max_length=10, choices=OrganizationStatus, default=OrganizationStatus.CANDIDATE
    )
    joined_on = models.DateField(_("member since"), null=True, blank=True)
    address = Translated(models.CharField(_("address"), max_length=300, blank=True))
    website = models.URLField(_("website"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    is_demo = models.BooleanField(_("invented for the demo"), default=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(fields=["inn"], condition=~Q(inn=""), name="organization_inn_unique"),
            models.UniqueConstraint(fields=["bin"], condition=~Q(bin=""), name="organization_bin_unique"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.short_name

    @property
    def is_oecd(self) -> bool:
        """Whether the organisation's country is a member of the OECD."""
        return self.country in OECD


class Membership(UUIDModel, TimeStamped):
    """A person, or an API client, serves an organisation in a role."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    client = models.ForeignKey(
        "accounts.ApiClient", models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(user__isnull=False),
                name="membership_user_unique",
                violation_error_message=_("This person has this role in the organisation already."),
            ),
            # A program is bound to one organisation: whatever it does is done for that one.
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(client__isnull=False),
                name="membership_client_unique",
                violation_error_message=_("This program is bound to an organisation already."),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, client__isnull=True) & ~Q(role=Role.CLIENT)
                | Q(user__isnull=True, client__isnull=False, role=Role.CLIENT),
                name="membership_of_one",
                violation_error_message=_(
                    "Please name either a person with a person's role or a program with the role of a program."
                ),
            ),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.user or self.client}: {self.get_role_display()}, {self.organization}"
