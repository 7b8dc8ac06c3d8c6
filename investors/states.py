"""Vocabulary and state tables of land and of those who want it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

#: The side of the table that moves plots; what follows from something else by itself.
LAND_OFFICE, PORTAL = "land_office", "portal"


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
        # Its agreement is signed; the building of a project on it opens.
        row("allocate", (_P.IN_TENDER, _P.RESERVED), _P.ALLOCATED, PORTAL),
        row("build", _P.ALLOCATED, _P.BUILT, PORTAL),
        row("withdraw", (_P.PUBLISHED, _P.RESERVED), _P.WITHDRAWN, LAND_OFFICE),
        # Its agreement is over, and nothing was built.
        row("take_back", _P.ALLOCATED, _P.PUBLISHED, PORTAL),
    ],
)

#: The sides of the table of investors: those who act for the company, and the land office, which decides on it.
COMPANY = "company"


class InvestorState(TextChoices):
    NEW = "new", pgettext_lazy("investor", "being entered")
    REVIEW = "review", pgettext_lazy("investor", "under review")
    VERIFIED = "verified", pgettext_lazy("investor", "verified")
    REFUSED = "refused", pgettext_lazy("investor", "refused")
    SUSPENDED = "suspended", pgettext_lazy("investor", "suspended")


_I = InvestorState
#: Whose number is taken; in which states the company may correct what is verified.
KNOWN = (_I.VERIFIED, _I.SUSPENDED)
OPEN_TO_CORRECTION = (_I.NEW, _I.REFUSED)

INVESTOR = Machine(
    "state",
    [
        row("submit", (_I.NEW, _I.REFUSED), _I.REVIEW, COMPANY),
        # What was looked at is looked at anew once it changes.
        row("reopen", (_I.REVIEW, _I.VERIFIED), _I.NEW, COMPANY),
        row("verify", _I.REVIEW, _I.VERIFIED, LAND_OFFICE),
        row("refuse", _I.REVIEW, _I.REFUSED, LAND_OFFICE),
        row("suspend", _I.VERIFIED, _I.SUSPENDED, LAND_OFFICE),
        row("restore", _I.SUSPENDED, _I.VERIFIED, LAND_OFFICE),
    ],
)


class MemberRole(TextChoices):
    """What somebody may do for an investor: an owner also says who else may act for it."""

    OWNER = "owner", pgettext_lazy("investor", "owner of the account")
    MEMBER = "member", pgettext_lazy("investor", "employee")


class InvestorDocumentKind(TextChoices):
    """What a file of a company is."""

    CHARTER = "charter", pgettext_lazy("document", "charter")
    REGISTER = "register", pgettext_lazy("document", "extract from the register")
    AUTHORITY = "authority", pgettext_lazy("document", "power of attorney")
    LICENCE = "licence", pgettext_lazy("document", "licence")
    ACCREDITATION = "accreditation", pgettext_lazy("document", "accreditation")
    FINANCE = "finance", pgettext_lazy("document", "financial statements")
    OTHER = "other", pgettext_lazy("document", "other document")


class TenderState(TextChoices):
    DRAFT = "draft", pgettext_lazy("tender", "draft")
    PUBLISHED = "published", pgettext_lazy("tender", "announced")
    QUESTIONS = "questions", pgettext_lazy("tender", "questions are taken")
    BIDDING = "bidding", pgettext_lazy("tender", "bids are taken")
    OPENING = "opening", pgettext_lazy("tender", "bids are being opened")
    EVALUATION = "evaluation", pgettext_lazy("tender", "evaluation")
    AWARDED = "awarded", pgettext_lazy("tender", "awarded, standstill")
    COMPLETE = "complete", pgettext_lazy("tender", "complete")
    UNSUCCESSFUL = "unsuccessful", pgettext_lazy("tender", "unsuccessful")
    CANCELLED = "cancelled", pgettext_lazy("tender", "cancelled")


class Waits(TextChoices):
    """For what a tender waits, of the office."""

    QUESTIONS = "questions", pgettext_lazy("tender waits", "answers to questions")
    OPENING = "opening", pgettext_lazy("tender waits", "the opening of bids")
    EVALUATION = "evaluation", pgettext_lazy("tender waits", "the end of the evaluation")
    STANDSTILL = "standstill", pgettext_lazy("tender waits", "completion: the standstill is over")


_T = TenderState
#: Two officials together.
OFFICIALS = "officials"
#: The states through which the clock alone leads, in their order; in which the terms may still change; that end it.
BY_CLOCK = (_T.PUBLISHED, _T.QUESTIONS, _T.BIDDING, _T.OPENING)
OPEN_TERMS = (_T.PUBLISHED, _T.QUESTIONS, _T.BIDDING)
ENDED = (_T.COMPLETE, _T.UNSUCCESSFUL, _T.CANCELLED)

TENDER = Machine(
    "state",
    [
        row("publish", _T.DRAFT, _T.PUBLISHED, LAND_OFFICE),
        row("take_questions", _T.PUBLISHED, _T.QUESTIONS, PORTAL),
        row("take_bids", _T.QUESTIONS, _T.BIDDING, PORTAL),
        row("close_bidding", _T.BIDDING, _T.OPENING, PORTAL),
        row("change_terms", _T.PUBLISHED, _T.PUBLISHED, LAND_OFFICE),
        row("change_terms", _T.QUESTIONS, _T.QUESTIONS, LAND_OFFICE),
        row("change_terms", _T.BIDDING, _T.BIDDING, LAND_OFFICE),
        row("evaluate", _T.OPENING, _T.EVALUATION, OFFICIALS),
        row("award", _T.EVALUATION, _T.AWARDED, LAND_OFFICE),
        # The next in rank, once the award to the one before has ended.
        row("award", _T.AWARDED, _T.AWARDED, LAND_OFFICE),
        row("complete", _T.AWARDED, _T.COMPLETE, LAND_OFFICE),
        row("fail", (_T.OPENING, _T.EVALUATION, _T.AWARDED), _T.UNSUCCESSFUL, LAND_OFFICE),
        row("cancel", (_T.DRAFT, *BY_CLOCK, _T.EVALUATION, _T.AWARDED), _T.CANCELLED, LAND_OFFICE),
    ],
)


#: So many officials together open the envelopes of a tender.
TOGETHER = 2


class BidState(TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("bid", "submitted")
    STALE = "stale", pgettext_lazy("bid", "to be confirmed again")
    WITHDRAWN = "withdrawn", pgettext_lazy("bid", "withdrawn")
    QUALIFIED = "qualified", pgettext_lazy("bid", "admitted")
    DISQUALIFIED = "disqualified", pgettext_lazy("bid", "not admitted")


_B = BidState
#: Those that stood when the envelopes were opened.
OPENED = (_B.SUBMITTED, _B.QUALIFIED, _B.DISQUALIFIED)
BID = Machine(
    "state",
    [
        row("replace", (_B.SUBMITTED, _B.STALE, _B.WITHDRAWN), _B.SUBMITTED, COMPANY),
        row("confirm", _B.STALE, _B.SUBMITTED, COMPANY),
        row("withdraw", (_B.SUBMITTED, _B.STALE), _B.WITHDRAWN, COMPANY),
        # New terms.
        row("outdate", _B.SUBMITTED, _B.STALE, PORTAL),
        # By the envelope of eligibility, once it is open.
        row("qualify", (_B.SUBMITTED, _B.DISQUALIFIED), _B.QUALIFIED, LAND_OFFICE),
        row("disqualify", (_B.SUBMITTED, _B.QUALIFIED), _B.DISQUALIFIED, LAND_OFFICE),
    ],
)


class EnvelopeKind(TextChoices):
    """What a bid consists of."""

    ELIGIBILITY = "eligibility", pgettext_lazy("envelope", "eligibility")
    OFFER = "offer", pgettext_lazy("envelope", "offer")


class Figure(TextChoices):
    """A figure of the offer from which a criterion's mark is computed: the more, the better."""

    PRICE = "price", pgettext_lazy("figure", "the offered price")
    INVESTMENT = "investment", pgettext_lazy("figure", "the pledged investment")
    JOBS = "jobs", pgettext_lazy("figure", "the pledged jobs")


#: The side of the table of evaluators that is the person alone; so many at least judge a tender; the highest mark.
EVALUATOR = "evaluator"
LEAST_EVALUATORS, BEST_MARK = 2, 100


class EvaluatorState(TextChoices):
    NAMED = "named", pgettext_lazy("evaluator", "has not declared yet")
    DECLARED = "declared", pgettext_lazy("evaluator", "no conflict of interests, gives marks")
    FINISHED = "finished", pgettext_lazy("evaluator", "has finished")
    EXCLUDED = "excluded", pgettext_lazy("evaluator", "excluded")


_V = EvaluatorState
#: Whose marks are awaited; who has said that nothing is in the way, and therefore sees the offers.
AT_WORK, SEES_OFFERS = (_V.NAMED, _V.DECLARED), (_V.DECLARED, _V.FINISHED)

EVALUATORS = Machine(
    "state",
    [
        row("declare", _V.NAMED, _V.DECLARED, EVALUATOR),
        row("recuse", (_V.NAMED, _V.DECLARED), _V.EXCLUDED, EVALUATOR),
        row("finish", _V.DECLARED, _V.FINISHED, EVALUATOR),
        row("exclude", (_V.NAMED, _V.DECLARED, _V.FINISHED), _V.EXCLUDED, LAND_OFFICE),
    ],
)


class AwardState(TextChoices):
    ACTIVE = "active", pgettext_lazy("award", "in force")
    DECLINED = "declined", pgettext_lazy("award", "the winner withdrew")
    REVOKED = "revoked", pgettext_lazy("award", "revoked")


_A = AwardState
AWARD = Machine(
    "state",
    [
        row("decline", _A.ACTIVE, _A.DECLINED, COMPANY),
        row("revoke", _A.ACTIVE, _A.REVOKED, LAND_OFFICE),
    ],
)


class InterestState(TextChoices):
    """How far an investor's interest in plots has come."""

    NEW = "new", pgettext_lazy("interest", "new")
    CONTACTED = "contacted", pgettext_lazy("interest", "contacted")
    MEETING = "meeting", pgettext_lazy("interest", "meeting")
    TERMS = "terms", pgettext_lazy("interest", "terms")
    AGREEMENT = "agreement", pgettext_lazy("interest", "agreement")
    LOST = "lost", pgettext_lazy("interest", "lost")


_W = InterestState
#: What is still in the pipeline.
OPEN_INTEREST = (_W.NEW, _W.CONTACTED, _W.MEETING, _W.TERMS)

INTEREST = Machine(
    "state",
    [
        row("contact", (_W.NEW, _W.LOST), _W.CONTACTED, LAND_OFFICE),
        row("meet", (_W.NEW, _W.CONTACTED), _W.MEETING, LAND_OFFICE),
        row("negotiate", (_W.CONTACTED, _W.MEETING), _W.TERMS, LAND_OFFICE),
        row("agree", _W.TERMS, _W.AGREEMENT, LAND_OFFICE),
        row("lose", OPEN_INTEREST, _W.LOST, LAND_OFFICE),
        row("withdraw", OPEN_INTEREST, _W.LOST, COMPANY),
    ],
)


class AgreementState(TextChoices):
    DRAFT = "draft", pgettext_lazy("agreement", "draft")
    SIGNED = "signed", pgettext_lazy("agreement", "signed")
    IN_FORCE = "in_force", pgettext_lazy("agreement", "in force")
    ENDED = "ended", pgettext_lazy("agreement", "ended")
    TERMINATED = "terminated", pgettext_lazy("agreement", "terminated")


_G = AgreementState
#: Which agreements hold their plots.
HOLDING = (_G.SIGNED, _G.IN_FORCE)

AGREEMENT = Machine(
    "state",
    [
        row("sign", _G.DRAFT, _G.SIGNED, LAND_OFFICE),
        row("enforce", _G.SIGNED, _G.IN_FORCE, LAND_OFFICE),
        row("end", _G.IN_FORCE, _G.ENDED, LAND_OFFICE),
        row("terminate", (_G.DRAFT, *HOLDING), _G.TERMINATED, LAND_OFFICE),
    ],
)


class RoadmapSection(TextChoices):
    """The goal of the cluster to which an item of the roadmap belongs."""

    FACILITIES = "facilities", pgettext_lazy("roadmap", "clinics and buildings")
    EQUIPMENT = "equipment", pgettext_lazy("roadmap", "equipment")
    TRAINING = "training", pgettext_lazy("roadmap", "training of specialists")
    INVESTMENT = "investment", pgettext_lazy("roadmap", "land and investors")
    PRODUCTION = "production", pgettext_lazy("roadmap", "medicines and medical devices")
    DIGITAL = "digital", pgettext_lazy("roadmap", "digital services")


class Funding(TextChoices):
    """Where the money of an item comes from."""

    FEDERAL = "federal", pgettext_lazy("funding", "federal budget")
    REGIONAL = "regional", pgettext_lazy("funding", "regional budget")
    VEB = "veb", pgettext_lazy("funding", "VEB.RF")
    VTB = "vtb", pgettext_lazy("funding", "VTB Capital")
    PRIVATE = "private", pgettext_lazy("funding", "investors")
    OTHER = "other", pgettext_lazy("funding", "other sources")


class RoadmapState(TextChoices):
    PLANNED = "planned", pgettext_lazy("roadmap", "planned")
    IN_PROGRESS = "in_progress", pgettext_lazy("roadmap", "in progress")
    DONE = "done", pgettext_lazy("roadmap", "done")
    POSTPONED = "postponed", pgettext_lazy("roadmap", "postponed")
    DROPPED = "dropped", pgettext_lazy("roadmap", "dropped")


_R = RoadmapState
CLUSTER_OFFICE = "cluster_office"
#: What is still to be done.
OPEN_ROADMAP = (_R.PLANNED, _R.IN_PROGRESS, _R.POSTPONED)

ROADMAP = Machine(
    "state",
    [
        row("start", (_R.PLANNED, _R.POSTPONED), _R.IN_PROGRESS, CLUSTER_OFFICE),
        row("finish", _R.IN_PROGRESS, _R.DONE, CLUSTER_OFFICE),
        row("postpone", OPEN_ROADMAP, _R.POSTPONED, CLUSTER_OFFICE),
        row("drop", OPEN_ROADMAP, _R.DROPPED, CLUSTER_OFFICE),
    ],
)
