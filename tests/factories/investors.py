"""Rows of land for tests: every function fills what a test does not name, and saves."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from cluster_portal.files.models import StoredFile
from investors import outlines
from investors.models import (
    BeneficialOwner,
    Investor,
    InvestorDocument,
    InvestorInvitation,
    InvestorMember,
    Plot,
    PlotDocument,
    Site,
    Utility,
)
from investors.states import (
    Direction,
    DocumentKind,
    InvestorDocumentKind,
    InvestorState,
    MemberRole,
    PlotState,
    UtilityKind,
)
from tests.factories import clinics
from tests.files.samples import pdf

if TYPE_CHECKING:
    from cluster_portal.accounts.models import User

_number = count(1)
#: The south-western corner of the tests' site, and a hundred metres there, in degrees.
LON, LAT, EAST, NORTH = 37.35, 55.69, 0.0015896, 0.00089807


def square(column: float = 0, row: float = 0, wide: float = 1, high: float = 1) -> dict[str, Any]:
    """An outline of so many hundred metres; 1 × 1 is a hectare. `column` and `row` count from the site's corner."""
    west, south = LON + column * EAST, LAT + row * NORTH
    east, north = west + wide * EAST, south + high * NORTH
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def boxed(outline: dict[str, Any]) -> dict[str, Any]:
    """The columns of an outline."""
    return {
        "outline": outline,
        **dict(zip(("west", "south", "east", "north"), outlines.box_of([outline]), strict=True)),
    }


def make_site(**fields: Any) -> Site:
    """A square of a hundred hectares."""
    defaults = {"name_ru": "Медицинский городок", "name_en": "Medical town", "area": 100}
    return Site.objects.create(**defaults | boxed(square(0, 0, 10, 10)) | fields)


def make_plot(site: Site | None = None, *, at: tuple[float, float] = (0, 0), **fields: Any) -> Plot:
    """A published hectare for a clinic on a lease of 49 years, in a place of the site."""
    n = next(_number)
    defaults = {
        "number": str(n), "cadastral_number": f"77:15:0020321:{n}", "title_ru": f"Участок № {n} для клиники",
        "title_en": f"Plot No. {n} for a clinic", "direction": Direction.CLINICAL, "area": 1, "term_years": 49,
        "price": 4_100_000, "state": PlotState.PUBLISHED,
    }  # fmt: skip
    return Plot.objects.create(site=site or make_site(), **defaults | boxed(square(*at)) | fields)


def make_utility(plot: Plot, kind: str = UtilityKind.POWER, free: float = 900, **fields: Any) -> Utility:
    """A utility with a thousand units more than are free."""
    defaults = {"total": free + 1000, "stated_on": timezone.localdate(), "owner": "Россети"}
    return Utility.objects.create(plot=plot, kind=kind, free=free, **defaults | fields)


def make_document(plot: Plot, **fields: Any) -> PlotDocument:
    """A town-planning plan with its content in the storage."""
    defaults = {"kind": DocumentKind.PLAN, "title_ru": "Градостроительный план", "title_en": "Plan"}
    document = PlotDocument.objects.create(plot=plot, **_file("План") | defaults | fields)
    put_document(document)
    return document


def make_investor(user: User | None = None, role: str = MemberRole.OWNER, **fields: Any) -> Investor:
    """A verified Israeli company with one beneficial owner, for which `user` (a new person) acts."""
    n = next(_number)
    defaults = {
        "name_ru": f"Инвестор {n}", "name_en": f"Investor {n} Ltd", "country": "IL", "register_number": f"51-{n:07}",
        "activity": "Клиники", "contact_name": "Контактное лицо", "contact_email": f"office{n}@example.org",
        "state": InvestorState.VERIFIED,
    }  # fmt: skip
    investor = Investor.objects.create(**defaults | fields)
    BeneficialOwner.objects.create(investor=investor, name="Владелец", country="IL", share=100)
    make_investor_member(investor, user, role)
    return investor


def make_investor_member(
    investor: Investor, user: User | None = None, role: str = MemberRole.MEMBER
) -> InvestorMember:
    """One more person (a new one) who acts for an investor."""
    return InvestorMember.objects.create(investor=investor, user=user or clinics.make_user(), role=role)


def make_investor_document(investor: Investor, **fields: Any) -> InvestorDocument:
    """A charter with its content in the storage."""
    document = InvestorDocument.objects.create(
        investor=investor, **{**_file("Устав"), "kind": InvestorDocumentKind.CHARTER} | fields
    )
    put_document(document)
    return document


def make_invitation(investor: Investor, **fields: Any) -> InvestorInvitation:
    """A good invitation by somebody who acts for the company."""
    defaults = {
        "email": f"invited{next(_number)}@example.org", "invited_by": investor.members.earliest("created_at").user,
        "expires_at": timezone.now() + timedelta(days=14),
    }  # fmt: skip
    return InvestorInvitation.objects.create(investor=investor, **defaults | fields)


def _file(name: str) -> dict[str, Any]:
    """The columns of a stored file."""
    n, content = next(_number), pdf()
    return {
        "path": f"sent/02/{n:040x}", "name": f"{name}-{n}.pdf", "format": "pdf", "size": len(content),
        "sha256": f"{n:064x}",
    }  # fmt: skip


def put_document(document: StoredFile) -> None:
    """Write the content where it is missing: each test has a storage of its own."""
    if not default_storage.exists(document.path):
        default_storage.save(document.path, ContentFile(pdf()))
