from investors.models.investor import (
    BeneficialOwner,
    Investor,
    InvestorDocument,
    InvestorInvitation,
    InvestorMember,
)
from investors.models.plot import Plot, PlotDocument, Site, Utility

__all__ = [
    "BeneficialOwner",
    "Investor",
    "InvestorDocument",
    "InvestorInvitation",
    "InvestorMember",
    "Plot",
    "PlotDocument",
    "Site",
    "Utility",
]
