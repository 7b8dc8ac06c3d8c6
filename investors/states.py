"""Vocabulary and state table of land."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

#: The side of the table that moves plots.
LAND_OFFICE = "land_office"


class Direction(TextChoices):
    """What is to be built on a plot."""

    CLINICAL = "clinical", pgettext_lazy("plot", "clinic and diagnostics")
    REHABILITATION = "rehabilitation", pgettext_lazy("plot", "rehabilitation")
    SCIENTIFIC = "scientific", pgettext_lazy("plot", "science")
    EDUCATIONAL = "educational", pgettext_lazy("plot", "education")
    PHARMACEUTICAL = "pharmaceutical", pgettext_lazy("plot", "production of medicines")
    TECHNOLOGY = "technology", pgettext_lazy("plot", "medical technology")
    INFRASTRUCTURE = "infrastructure", pgettext_lazy("plot", "infrastructure")


class Tenure(TextChoices):
    """On what right an investor gets the land."""

    LEASE = "lease", pgettext_lazy("tenure", "lease")
    SALE = "sale", pgettext_lazy("tenure", "sale")
    CONCESSION = "concession", pgettext_lazy("tenure", "concession")


class UtilityKind(TextChoices):
    POWER = "power", pgettext_lazy("utility", "electricity")
    WATER = "water", pgettext_lazy("utility", "water")
    SEWAGE = "sewage", pgettext_lazy("utility", "sewerage")
    HEAT = "heat", pgettext_lazy("utility", "heat")
    GAS = "gas", pgettext_lazy("utility", "gas")
    FIBRE = "fibre", pgettext_lazy("utility", "fibre")


#: In what the capacity of a utility is told.
UNITS = {
    UtilityKind.POWER: _("kW"),
    UtilityKind.WATER: _("m³/day"),
    UtilityKind.SEWAGE: _("m³/day"),
    UtilityKind.HEAT: _("Gcal/h"),
    UtilityKind.GAS: _("m³/h"),
    UtilityKind.FIBRE: _("Gbit/s"),
}


class DocumentKind(TextChoices):
    """What a file of a plot is."""

    PHOTO = "photo", pgettext_lazy("document", "photograph")
    PLAN = "plan", pgettext_lazy("document", "town-planning plan")
    GEOLOGY = "geology", pgettext_lazy("document", "engineering geology")
    TERMS = "terms", pgettext_lazy("document", "terms")
    CONTRACT = "contract", pgettext_lazy("document", "draft of the contract")
    OTHER = "other", pgettext_lazy("document", "other document")


class PlotState(TextChoices):
    DRAFT = "draft", pgettext_lazy("plot", "draft")
    PUBLISHED = "published", pgettext_lazy("plot", "free")
    IN_TENDER = "in_tender", pgettext_lazy("plot", "in tender")
    RESERVED = "reserved", pgettext_lazy("plot", "reserved")
    ALLOCATED = "allocated", pgettext_lazy("plot", "given")
    BUILT = "built", pgettext_lazy("plot", "built")
    WITHDRAWN = "withdrawn", pgettext_lazy("plot", "withdrawn")


_P = PlotState
#: What an investor may still get; what stands in the balance of a site; what may be corrected.
ON_OFFER = (_P.PUBLISHED, _P.IN_TENDER)
OFFERED = (*ON_OFFER, _P.RESERVED, _P.ALLOCATED, _P.BUILT)
OPEN_TO_CHANGE = (_P.DRAFT, _P.PUBLISHED, _P.WITHDRAWN)

PLOT = Machine(
    "state",
    [
        row("publish", (_P.DRAFT, _P.WITHDRAWN), _P.PUBLISHED, LAND_OFFICE),
        row("put_to_tender", _P.PUBLISHED, _P.IN_TENDER, LAND_OFFICE),
        row("reserve", (_P.PUBLISHED, _P.IN_TENDER), _P.RESERVED, LAND_OFFICE),
        row("release", (_P.IN_TENDER, _P.RESERVED), _P.PUBLISHED, LAND_OFFICE),
        row("allocate", (_P.IN_TENDER, _P.RESERVED), _P.ALLOCATED, LAND_OFFICE),
        row("build", _P.ALLOCATED, _P.BUILT, LAND_OFFICE),
        row("withdraw", (_P.PUBLISHED, _P.RESERVED), _P.WITHDRAWN, LAND_OFFICE),
    ],
)
