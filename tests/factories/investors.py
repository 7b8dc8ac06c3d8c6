"""Rows of land for tests: every function fills what a test does not name, and saves."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from cluster_portal.common.actor import resolve_actor
from cluster_portal.files.storage import Kept
from investors import outlines, sealing
from investors.models import (
    Agreement,
    AgreementDocument,
    AgreementPlot,
    Award,
    BeneficialOwner,
    Bid,
    Criterion,
    Evaluator,
    Interest,
    InterestPlot,
    Investor,
    InvestorDocument,
    InvestorInvitation,
    InvestorMember,
    KeyPart,
    Plot,
    PlotDocument,
    Question,
    RoadmapItem,
    SavedSearch,
    Score,
    SealedFile,
    Site,
    Standing,
    Tender,
    TenderDocument,
    TenderPlot,
    TenderVersion,
    Utility,
)
from investors.selectors.evaluation import awaited_of
from investors.services.bids import close_envelopes, read_bid, said_in
from investors.services.opening import take_key_part
from investors.services.sealed_files import ClosedFile, place_files
from investors.services.tenders import said_by
from investors.states import (
    HOLDING,
    TOGETHER,
    AgreementState,
    BidState,
    Direction,
    DocumentKind,
    EnvelopeKind,
    EvaluatorState,
    InvestorDocumentKind,
    InvestorState,
    MemberRole,
    PlotState,
    UtilityKind,
)
from tests.factories import clinics
from tests.files.samples import pdf

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.accounts.models import User
    from cluster_portal.common.actor import Actor
    from cluster_portal.files.models import StoredContent

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


def make_tender(*plots: Plot, at: datetime | None = None, **fields: Any) -> Tender:
    """A draft of a tender of `plots` (a new one) with two criteria: questions from `at` (tomorrow) for ten days, then
    bids for thirty.
    """
    n = next(_number)
    begin = at or (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    defaults = {
        "number": f"TND-26-{n:07}-0", "title_ru": f"Конкурс {n}", "title_en": f"Tender {n}",
        "terms_ru": "Условия конкурса", "terms_en": "Terms of the tender", "guarantee": 5_000_000,
        "questions_from": begin, "questions_until": begin + timedelta(days=10),
        "bids_until": begin + timedelta(days=40), "opening_at": begin + timedelta(days=40, hours=2),
        "evaluation_until": begin + timedelta(days=60),
    }  # fmt: skip
    tender = Tender.objects.create(**defaults | fields)
    Criterion.objects.create(tender=tender, position=1, name_ru="Цена", name_en="Price", weight=60)
    Criterion.objects.create(tender=tender, position=2, name_ru="Инвестиции", name_en="Investment", weight=40)
    for plot in plots or (make_plot(),):
        TenderPlot.objects.create(tender=tender, plot=plot)
    return tender


def appoint(tender: Tender, *officials: Actor) -> list[str]:
    """Officials who open the bids (two new ones of the land office); the codes that they were told."""
    officials = officials or (clinics.make_actor("land"), clinics.make_actor("land"))
    return [take_key_part(official, tender_id=tender.pk)[1] for official in officials]


def make_opening(tender: Tender) -> list[KeyPart]:
    """Two officials who have confirmed the opening, of whose parts nothing is left."""
    return [
        KeyPart.objects.create(
            tender=tender, user=clinics.make_user(), official=f"Чиновник {n}", public_key=b"",
            confirmed_at=timezone.now(),
        )
        for n in range(TOGETHER)
    ]  # fmt: skip


def make_bid(tender: Tender, investor: Investor, **fields: Any) -> Bid:
    """A company's sealed bid of 40 million (for the `plan` of a clinic), as it was submitted for the present terms."""
    plan = fields.pop("plan", "Клиника")
    if tender.opening_key is None:
        tender.opening_key = sealing.new_opening_key()[1]
        tender.save()
    defaults = {"version": tender.version, "submitted_at": timezone.now()}
    bid = Bid(tender=tender, investor=investor, **defaults | fields)
    offer = {
        "price": "40000000.00",
        "investment": "900000000",
        "jobs": 320,
        "starts_on": "2027-06-01",
        "plan": plan,
    }
    return close_envelopes(
        tender, bid, {"eligibility": {"statement": "Есть", "experience": ""}, "offer": offer}
    )


def make_bid_file(
    bid: Bid, kind: str = EnvelopeKind.OFFER, name: str = "Смета.pdf"
) -> tuple[SealedFile, bytes]:
    """A PDF in an envelope of a sealed bid, and its content as it has to lie in the storage (`put_document`)."""
    key, plain = sealing.new_key(), pdf()
    kept = Kept(
        f"sent/00/{secrets.token_hex(20)}", name, "pdf", len(plain), hashlib.sha256(plain).hexdigest()
    )
    said = {one: said_in(text) for one, text in read_bid(actor_of(bid.investor), bid.pk)[1].items()}
    told = place_files(bid.tender, bid, {}, [ClosedFile(kind, "file", kept, key)])
    close_envelopes(bid.tender, bid, {one: {**said[one], "files": told[one]} for one in said})
    return bid.files.get(path=kept.path), b"".join(sealing.encrypt_stream(key, [plain]))


def make_opened_bid(tender: Tender, investor: Investor | None = None, **offer: Any) -> Bid:
    """A bid whose envelopes were opened, admitted unless `state` says something else; the offer is `make_bid`'s but for
    what is named.
    """
    state = offer.pop("state", BidState.QUALIFIED)
    bid = make_bid(tender, investor or make_investor())
    opened = {
        "eligibility": {"statement": "Есть", "experience": ""},
        "offer": {
            "price": "40000000.00", "investment": "900000000", "jobs": 320, "starts_on": "2027-06-01",
            "plan": "Клиника", **offer,
        },
    }  # fmt: skip
    now = timezone.now()
    for envelope in bid.envelopes.all():
        envelope.opened, envelope.opened_at = opened[envelope.kind], now
        envelope.save()
    bid.state, bid.opened_at = state, now
    if state != BidState.SUBMITTED:
        bid.judged, bid.judged_at = "Лицензия подтверждена", now
    bid.save()
    return bid


def make_evaluator(tender: Tender, user: User | None = None, **fields: Any) -> Evaluator:
    """Somebody (a new person of the land office) who has declared that no conflict stands in the way."""
    user = user or clinics.make_member("land")
    defaults = {"name": user.name, "state": EvaluatorState.DECLARED, "declared_at": timezone.now()}
    return Evaluator.objects.create(tender=tender, user=user, **defaults | fields)


def make_marks(evaluator: Evaluator, value: float) -> None:
    """The same mark everywhere, and the sheet finished."""
    for bid, criterion in awaited_of(evaluator.tender):
        Score.objects.create(evaluator=evaluator, bid_id=bid, criterion_id=criterion, value=value)
    evaluator.state, evaluator.finished_at = EvaluatorState.FINISHED, timezone.now()
    evaluator.save()


def make_award(bid: Bid, **fields: Any) -> Award:
    """An award in force whose standstill ends in ten days; the bid has the first rank unless it has one."""
    now = timezone.now()
    marks = {str(one.pk): "80.0000" for one in bid.tender.criteria.all()}
    Standing.objects.get_or_create(bid=bid, defaults={"rank": 1, "total": 80, "marks": marks})
    defaults = {
        "awarded_at": now, "standstill_until": now + timedelta(days=10), "reasons_ru": "Лучшее предложение",
        "reasons_en": "The best offer",
    }  # fmt: skip
    return Award.objects.create(tender=bid.tender, bid=bid, **defaults | fields)


def actor_of(investor: Investor) -> Actor:
    """The first person of a company."""
    return resolve_actor(user=investor.members.order_by("created_at", "id").first().user)


def make_version(tender: Tender, **fields: Any) -> TenderVersion:
    """What the tender says now, as its first published version."""
    defaults = {"number": 1, "said": said_by(tender), "published_at": timezone.now()}
    return TenderVersion.objects.create(tender=tender, **defaults | fields)


def make_question(tender: Tender, **fields: Any) -> Question:
    """A question that waits for its answer."""
    defaults = {
        "text": "Можно ли строить в две очереди?",
        "asked_at": timezone.now(),
        "asker": clinics.make_user(),
    }
    return Question.objects.create(tender=tender, **{**defaults, **fields})


def make_tender_document(tender: Tender, **fields: Any) -> TenderDocument:
    """A draft of the contract with its content in the storage."""
    defaults = {"kind": DocumentKind.CONTRACT, "title_ru": "Проект договора", "title_en": "Draft contract"}
    document = TenderDocument.objects.create(tender=tender, **_file("Договор") | defaults | fields)
    put_document(document)
    return document


def make_interest(investor: Investor, *plots: Plot, **fields: Any) -> Interest:
    """A new interest of somebody who acts for the company, in plots (one of its own)."""
    defaults = {
        "author": investor.members.earliest("created_at").user, "direction": Direction.CLINICAL,
        "outline": "Клиника на 200 мест",
    }  # fmt: skip
    interest = Interest.objects.create(investor=investor, **defaults | fields)
    InterestPlot.objects.bulk_create(
        InterestPlot(interest=interest, plot=plot) for plot in plots or [make_plot()]
    )
    return interest


def make_agreement(investor: Investor, *plots: Plot, **fields: Any) -> Agreement:
    """A draft of a lease of reserved plots (a new one), directly; dated a year ago where its state says so."""
    day = timezone.localdate() - timedelta(days=365)
    state = fields.get("state", AgreementState.DRAFT)
    defaults = {
        "number": f"AGR-26-{next(_number):07}-0", "reason": "Прямое предоставление", "term_years": 49,
        "price": 4_100_000, "currency": "RUB", "valid_from": day,
        "signed_on": None if state == AgreementState.DRAFT else day,
        "enforced_at": timezone.now() if state == AgreementState.IN_FORCE else None,
    }  # fmt: skip
    agreement = Agreement.objects.create(investor=investor, **defaults | fields)
    AgreementPlot.objects.bulk_create(
        AgreementPlot(agreement=agreement, plot=plot, is_held=state in HOLDING)
        for plot in plots or [make_plot(state="reserved")]
    )
    return agreement


def make_agreement_document(agreement: Agreement, **fields: Any) -> AgreementDocument:
    """The signed paper with its content in the storage."""
    document = AgreementDocument.objects.create(agreement=agreement, **_file("Соглашение") | fields)
    put_document(document)
    return document


def make_search(user: User, **asked: str) -> SavedSearch:
    """A search that has found nothing yet."""
    return SavedSearch.objects.create(user=user, name="Наука", asked=asked, language="ru")


def _file(name: str) -> dict[str, Any]:
    """The columns of a stored file."""
    n, content = next(_number), pdf()
    return {
        "path": f"sent/02/{n:040x}", "name": f"{name}-{n}.pdf", "format": "pdf", "size": len(content),
        "sha256": f"{n:064x}",
    }  # fmt: skip


def put_document(document: StoredContent, content: bytes = b"") -> None:
    """Write the content (a PDF) where it is missing: each test has a storage of its own."""
    if not default_storage.exists(document.path):
        default_storage.save(document.path, ContentFile(content or pdf()))


def make_roadmap_item(**values: Any) -> RoadmapItem:
    """An item of the roadmap, planned for a month from today on."""
    begins = values.pop("begins_on", None) or clinics.today()
    defaults = {
        "title_ru": "Корпус больницы", "section": "facilities", "post": "Директор", "begins_on": begins,
        "ends_on": begins + timedelta(days=30),
    }  # fmt: skip
    owner = values.pop("owner", None) or clinics.make_organization()
    return RoadmapItem.objects.create(owner=owner, **defaults | values)
