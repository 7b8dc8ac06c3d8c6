from investors.models.bid import Bid, Envelope, KeyPart
from investors.models.interest import (
    Interest,
    InterestNote,
    InterestPlot,
    PlotWatch,
    SavedSearch,
    SearchHit,
)
from investors.models.investor import (
    BeneficialOwner,
    Investor,
    InvestorDocument,
    InvestorInvitation,
    InvestorMember,
)
from investors.models.plot import Plot, PlotDocument, Site, Utility
from investors.models.tender import Criterion, Question, Tender, TenderDocument, TenderPlot, TenderVersion

__all__ = [
    "BeneficialOwner",
    "Bid",
    "Criterion",
    "Envelope",
    "Interest",
    "InterestNote",
    "InterestPlot",
    "Investor",
    "InvestorDocument",
    "InvestorInvitation",
    "InvestorMember",
    "KeyPart",
    "Plot",
    "PlotDocument",
    "PlotWatch",
    "Question",
    "SavedSearch",
    "SearchHit",
    "Site",
    "Tender",
    "TenderDocument",
    "TenderPlot",
    "TenderVersion",
    "Utility",
]
