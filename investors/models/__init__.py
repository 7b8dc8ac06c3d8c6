from investors.models.agreement import Agreement, AgreementDocument, AgreementPlot
from investors.models.award import Award, Standing
from investors.models.bid import Bid, Envelope, KeyPart, SealedFile
from investors.models.evaluation import Evaluator, Score
from investors.models.group import (
    Decision,
    GroupMember,
    GroupTask,
    Meeting,
    MeetingPresence,
    WorkingGroup,
)
from investors.models.interest import (
    Interest,
    InterestMove,
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
from investors.models.project import (
    Project,
    ProjectFigure,
    ProjectFunding,
    ProjectMilestone,
    ProjectMilestoneMove,
)
from investors.models.roadmap import RoadmapItem, RoadmapLink, RoadmapMove
from investors.models.roadshow import RoadshowContact, RoadshowEvent
from investors.models.tender import Criterion, Question, Tender, TenderDocument, TenderPlot, TenderVersion

__all__ = [
    "Agreement",
    "AgreementDocument",
    "AgreementPlot",
    "Award",
    "BeneficialOwner",
    "Bid",
    "Criterion",
    "Decision",
    "Envelope",
    "Evaluator",
    "GroupMember",
    "GroupTask",
    "Interest",
    "InterestMove",
    "InterestNote",
    "InterestPlot",
    "Investor",
    "InvestorDocument",
    "InvestorInvitation",
    "InvestorMember",
    "KeyPart",
    "Meeting",
    "MeetingPresence",
    "Plot",
    "PlotDocument",
    "PlotWatch",
    "Project",
    "ProjectFigure",
    "ProjectFunding",
    "ProjectMilestone",
    "ProjectMilestoneMove",
    "Question",
    "RoadmapItem",
    "RoadmapLink",
    "RoadmapMove",
    "RoadshowContact",
    "RoadshowEvent",
    "SavedSearch",
    "Score",
    "SealedFile",
    "SearchHit",
    "Site",
    "Standing",
    "Tender",
    "TenderDocument",
    "TenderPlot",
    "TenderVersion",
    "Utility",
    "WorkingGroup",
]
