"""What can go wrong with land and with those who want it, in words."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, Forbidden, Invalid, constraint


class BadOutline(Invalid):
    """The outline of a plot or a site cannot be one; `extra["at"]` is the [longitude, latitude] at fault."""

    code = "bad_outline"

    def __init__(self, text: object, at: tuple[float, float] | None = None) -> None:
        super().__init__({"outline": [text]}, extra={} if at is None else {"at": list(at)})


class AreaDiffers(Invalid):
    """The stated area is not that of the outline; `extra["by_outline"]` is the latter, in hectares,
    `side` both ends of its longest side.
    """

    code = "area_differs"


class PlotsOverlap(Conflict):
    """`extra["plot"]` is the number of the other plot, `at` a [longitude, latitude] that both claim."""

    code, title = "plots_overlap", _("This land belongs to another plot already.")


class PlotCommitted(Conflict):
    code, title = (
        "plot_committed",
        _("The plot is in a tender, reserved or given: its data stay as they are. Release it first."),
    )


@constraint("plot_number", field="number")
class PlotNumberTaken(Conflict):
    code, title = "plot_number_taken", _("Another plot of this site has this number.")


@constraint("plot_cadastral", field="cadastral_number")
class CadastralNumberTaken(Conflict):
    code, title = "cadastral_number_taken", _("Another plot has this cadastral number.")


@constraint("utility_once", field="kind")
class UtilityExists(Conflict):
    code, title = "utility_exists", _("This utility is entered already: correct its figures instead.")


@constraint("plot_document_once", field="file")
class DocumentExists(Conflict):
    code, title = "document_exists", _("The plot has this very file already.")


class TooManyDocuments(Conflict):
    """`extra["limit"]` is how many files a plot or a tender may have."""

    code, title = "too_many_documents", _("There are as many files here as there may be.")


@constraint("investor_number", field="register_number")
class InvestorNumberTaken(Conflict):
    code, title = "investor_number_taken", _("Another company with this register number is verified already.")


class InvestorChecked(Conflict):
    code, title = (
        "investor_checked",
        _("The land office has these data to verify, or has verified them. Reopen the file to correct them."),
    )


class InvestorIncomplete(Conflict):
    code, title = (
        "investor_incomplete",
        _("Name the beneficial owners and add the company's papers first."),
    )


class TooMuchOwned(Conflict):
    code, title = "too_much_owned", _("The shares of all owners are more than 100 %.")


class LastOwner(Conflict):
    code, title = (
        "last_owner",
        _("Somebody has to remain who may invite others: this is the last such person."),
    )


class InvitationOutdated(Conflict):
    code, title = "invitation_outdated", _("This invitation is no longer good. Ask for a new one.")


class InvitedAnother(Forbidden):
    code, title = (
        "invited_another",
        _("The invitation is for another e-mail. Sign in with the one to which the letter came."),
    )


@constraint("investor_member_once")
class AlreadyActsFor(Conflict):
    code, title = "already_acts_for", _("This person acts for the company already.")


@constraint("investor_invitation_once", field="email")
class AlreadyInvited(Conflict):
    code, title = "already_invited", _("This person has been invited already.")


@constraint("investor_document_once", field="file")
class InvestorDocumentExists(Conflict):
    code, title = "investor_document_exists", _("The company has sent this very file already.")


class TooManyInvestorDocuments(Conflict):
    """`extra["limit"]` is how many files a company may have."""

    code, title = "too_many_investor_documents", _("The company has as many files as it may have.")


class TimetableOutOfOrder(Invalid):
    """Dates of a tender that do not follow one another, or leave less time than the portal's rules ask for."""

    code = "timetable"


class TenderPublished(Conflict):
    code, title = "tender_published", _("The tender is published: change its terms instead, with a reason.")


class TermsFixed(Conflict):
    code, title = "terms_fixed", _("The time for bids is over: the terms stay as they are.")


class TenderIncomplete(Invalid):
    """What a tender still lacks before it can be published, at its fields."""

    code = "tender_incomplete"


class TenderDocumentExists(DocumentExists):
    code, title = "tender_document_exists", _("The tender has this very file already.")


class BiddingClosed(Conflict):
    code, title = "bidding_closed", _("Bids are not taken now: look at the timetable of the tender.")


class TooManyBidFiles(Invalid):
    """An envelope holds `limit` files already; `extra["limit"]` tells it to programs."""

    code = "too_many_bid_files"

    def __init__(self, field: str, limit: int) -> None:
        text = _("An envelope holds at most %(n)s files.") % {"n": limit}
        super().__init__({field: [text]}, field=field, extra={"limit": limit})


class QuestionsClosed(Conflict):
    code, title = "questions_closed", _("Questions are not taken now: look at the timetable of the tender.")


class QuestionAnswered(Conflict):
    code, title = "question_answered", _("This question is answered already.")


class KeyPartTaken(Conflict):
    code, title = "key_part_taken", _("You have a part of this tender's key already.")


class KeyPartMissing(Conflict):
    code, title = "key_part_missing", _("You have no part of this tender's key.")


class OpeningTooEarly(Conflict):
    code, title = "opening_too_early", _("The time of the opening has not come yet.")


class CodeDoesNotFit(Invalid):
    """Not the code that the official was told."""

    code = "code_does_not_fit"

    def __init__(self) -> None:
        super().__init__({"code": [_("This is not the code of your part.")]})


class TooManySearches(Conflict):
    code, title = "too_many_searches", _("You have as many searches as one may have: remove one first.")


class EvaluationClosed(Conflict):
    code, title = "evaluation_closed", _("The bids of this tender are not being evaluated now.")


@constraint("evaluator_apart", field="email")
class EvaluatorOfBidder(Conflict):
    code, title = "evaluator_of_bidder", _("This person acts for a company that bids in the tender.")


class EvaluatorNamed(Conflict):
    code, title = "evaluator_named", _("This person is among the evaluators already.")


class MarksDisclosed(Conflict):
    code, title = (
        "marks_disclosed",
        _("All evaluators have finished, and the marks are disclosed: nobody can join them now."),
    )


class EligibilityOpen(Conflict):
    code, title = "eligibility_open", _("The land office has not decided yet which bids are admitted.")


class MarksGiven(Conflict):
    code, title = (
        "marks_given",
        _("An evaluator has finished already: a bid that was not admitted cannot be admitted any more."),
    )


@constraint("score_open")
class MarkNotAwaited(Conflict):
    code, title = (
        "mark_not_awaited",
        _("No mark is awaited here: the evaluator or the bid has left, or all is fixed."),
    )


class MarksMissing(Invalid):
    """Which marks an evaluator who wants to finish still owes, at their fields."""

    code = "marks_missing"


class EvaluationUnfinished(Conflict):
    code, title = (
        "evaluation_unfinished",
        _("At least two evaluators have to give their marks, and nobody's may be awaited."),
    )


class NobodyToAward(Conflict):
    code, title = "nobody_to_award", _("No admitted bid is left: declare the tender unsuccessful.")


@constraint("award_one_active")
class AwardStands(Conflict):
    code, title = (
        "award_stands",
        _("An award is in force: it has to be revoked, or the winner to withdraw, first."),
    )


class NothingAwarded(Conflict):
    code, title = "nothing_awarded", _("No award is in force: award the next in rank first.")


@constraint("tender_standstill")
class StandstillRuns(Conflict):
    code, title = "standstill_runs", _("The days between the award and the contract are not over yet.")


@constraint("agreement_grounds", field="reason")
class AgreementWithoutGrounds(Conflict):
    code, title = (
        "agreement_without_grounds",
        _("Name the tender, the interest, or the reason why the land is given without them."),
    )


@constraint("agreement_dates", field="valid_until")
class AgreementDatesReversed(Conflict):
    code, title = "agreement_dates", _("It ends before it begins.")


@constraint("agreement_signed", field="valid_from")
class AgreementUndated(Conflict):
    code, title = "agreement_undated", _("Enter the day on which it comes into force first.")


@constraint("agreement_holds_plot", field="plots")
class PlotHeld(Conflict):
    """`extra["plots"]` are the numbers of the plots, where they are known."""

    code, title = "plot_held", _("Another agreement holds a plot of this one already.")


class PlotNotKept(Conflict):
    """`extra["plots"]` are the numbers of the plots."""

    code, title = (
        "plot_not_kept",
        _("Reserve the plots first: only what is reserved, or won in the tender, is given."),
    )


class AgreementSigned(Conflict):
    code, title = "agreement_signed", _("The agreement is signed: its terms stay as they are.")


class NotTheWinner(Conflict):
    code, title = "not_the_winner", _("Another company has won this tender.")


class TenderNotComplete(Conflict):
    code, title = (
        "tender_not_complete",
        _("The tender is not complete: the agreement follows the award and its standstill."),
    )


class AgreementTooEarly(Conflict):
    code, title = "agreement_too_early", _("This day has not come yet.")


@constraint("agreement_document_once", field="file")
class AgreementDocumentExists(DocumentExists):
    code, title = "agreement_document_exists", _("The agreement has this very file already.")


@constraint("investor_organization", field="organization")
class OrganizationLinked(Conflict):
    code, title = "organization_linked", _("Another company is this organisation already.")


class ProjectUnfounded(Conflict):
    code, title = (
        "project_unfounded",
        _("Sign the agreement first: a project stands on plots that are given."),
    )


class ProjectClosed(Conflict):
    code, title = "project_closed", _("The project is over: it stays as it is.")


class ProjectFull(Conflict):
    code, title = "project_full", _("The project has as many of these as it may have.")


@constraint("project_completed_open")
class BuildingNotOpen(Conflict):
    code, title = "building_not_open", _("Say first on which day the building opened.")


@constraint("project_opens_once")
@constraint("project_open_in_phase")
class BuildingOpen(Conflict):
    code, title = "building_open", _("The building is open already.")


@constraint("project_clinic_once", field="clinic")
class ClinicOfAnother(Conflict):
    code, title = "clinic_of_another", _("This clinic opened with another project.")


class ResidentUnregistered(Conflict):
    code, title = (
        "resident_unregistered",
        _(
            "Say first, on the company's page, which organisation of the register it is: clinics belong to one."
        ),
    )


class PlotNotGiven(Conflict):
    """`extra["plots"]` are the numbers of the plots."""

    code, title = "plot_not_given", _("The agreement does not hold these plots any more.")


class MilestonesOpen(Conflict):
    code, title = "milestones_open", _("Say first on which days the remaining milestones were reached.")


@constraint("milestone_moves", field="reason")
class MilestoneMet(Conflict):
    code, title = "milestone_met", _("The milestone is reached: its day is not moved any more.")


@constraint("project_figure_day", field="counted_on")
class FigureExists(Conflict):
    code, title = "figure_exists", _("There is a figure of this day already.")


class FigureConfirmed(Conflict):
    code, title = (
        "figure_confirmed",
        _("This figure is confirmed: it stays. Tell the new one of a later day."),
    )
