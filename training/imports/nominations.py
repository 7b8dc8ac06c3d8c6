"""Nominations from a table: whom, for which intake, how much it is wanted, and why.

The intakes that take nominations are locked from the first row to the last, so that what a row was judged by is still
true when it is written.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.imports.lookups import Called
from cluster_portal.accounts.roles import Role
from cluster_portal.imports.base import Answers, Column, Import, Session, register
from cluster_portal.imports.cleaning import day, folded, lines, text, whole
from cluster_portal.imports.states import Answer, Verdict
from training.errors import NominationClosed, PlacedElsewhere, TooManyOfOne
from training.models import Nomination
from training.policies import EMPLOYERS
from training.selectors.nominating import (
    intakes_ahead,
    nominated_of_employers,
    people_to_nominate,
    standing_of_people,
)
from training.selectors.nominations import obstacle
from training.selectors.programmes import accepts
from training.selectors.specialists import employers_to_choose
from training.services.nominating import take_in_nominations, way_forward
from training.services.steps import lock_intakes
from training.states import CANDIDATE, ENDED, PLACED, NominationState, SpecialistState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.base import Row
    from training.models import Intake, Specialist

#: The columns that say who it is, the surest first.
WHO = ("cme_number", "email", "full_name")
#: The lowest preference.
LAST_CHOICE = 20
#: The answer about somebody whose nomination has ended.
AGAIN = "again"


@register
class NominationTable(Import):
    """Nominations of several people, for one intake or for many."""

    code = "training.nominations"
    title = gettext_lazy("Nominations")
    description = gettext_lazy("Whom to nominate for which intakes, in which order of preference, and why.")
    notes = (
        gettext_lazy(
            "A specialist is recognised by the CME number, the e-mail or the full name: one of them is enough where "
            "nobody else has it."
        ),
        gettext_lazy("An employer endorses its own people with the table; those of the training office await that."),
        gettext_lazy("Who is nominated already gets the preference and the reasons of the table; who has accepted a "
                     "seat stays as is."),
        gettext_lazy("The same file taken in twice changes nothing the second time."),
    )  # fmt: skip
    roles = EMPLOYERS | {Role.TRAINING}
    scope = "training"
    back = "training:nominations"
    columns = (
        Column(
            "full_name", gettext_lazy("Specialist"), text(300), width=34, example="Ветрова Анна Игоревна",
            aliases=("ФИО", "Фамилия, имя, отчество", "Сотрудник", "Аты-жөні", "name", "full name"),
            help=gettext_lazy("Surname, given name and patronymic."),
        ),
        Column(
            "cme_number", gettext_lazy("CME number"), text(40), width=20,
            aliases=("НМО", "Номер НМО", "№ НМО", "ID НМО", "cme"),
        ),
        Column("email", gettext_lazy("E-mail"), text(254), aliases=("Почта", "Эл. почта", "mail"), width=28),
        Column(
            "employer", gettext_lazy("Employer"), text(300), width=34,
            aliases=("Организация", "Место работы", "Клиника", "Ұйым", "organisation"),
            help=gettext_lazy("Its name, long or short: only where people of several employers are called alike."),
        ),
        Column(
            "programme", gettext_lazy("Programme"), text(200), required=True, width=44,
            aliases=("Набор", "Курс", "Стажировка", "Қабылдау", "intake", "course"),
            help=gettext_lazy("Its title, in any of the three languages."),
        ),
        Column(
            "starts_on", gettext_lazy("First day"), day, width=14,
            aliases=("Дата начала", "Начало", "Басталуы", "start", "starts on"),
            help=gettext_lazy("Empty where one intake of the programme takes nominations."),
        ),
        Column(
            "choice", gettext_lazy("Preference"), whole(1, LAST_CHOICE), is_text=False, example="1", width=12,
            aliases=("Порядок", "Очерёдность", "Реттілігі", "rank", "choice"),
            help=gettext_lazy("1 is wanted most. Empty: after the person's other nominations."),
        ),
        Column(
            "motivation", gettext_lazy("Why this person"), lines(1000), width=44,
            aliases=("Обоснование", "Мотивация", "Негіздеме", "motivation", "reason"),
        ),
    )  # fmt: skip

    def lacking(self, mapped: set[str]) -> list[str]:
        lacks = super().lacking(mapped)
        if not mapped & set(WHO):
            lacks.insert(0, _("A column is needed that says who it is: name, CME number or e-mail."))
        return lacks

    def session(self, actor: Actor, *, writes: bool, answers: Answers) -> Session:
        return _Session(actor, writes=writes, answers=answers)


@dataclass(slots=True)
class Plan:
    """What a row comes to."""

    person: Specialist | None = None
    intake: Intake | None = None
    nomination: Nomination | None = None
    #: The column that says who it is.
    who: str = "full_name"


def _as_compared(column: str, written: str) -> str:
    """What says who somebody is, as it is compared: in an e-mail every sign counts."""
    return written.lower() if column == "email" else folded(written)


def _called(row: Row, column: str, known: Called, none: str, several: str) -> Any:
    """The one row that is called as the cell says; None, and the cell refused, where there is none or several."""
    try:
        return known.find(row.values[column], none, several)
    except ValidationError as error:
        row.refuse(" ".join(error.messages), column, row.values[column])
        return None


class _Session(Session):
    def __init__(self, actor: Actor, *, writes: bool, answers: Answers) -> None:
        super().__init__(actor, writes=writes, answers=answers)
        intakes = list(intakes_ahead(actor))
        if writes and intakes:
            locked = lock_intakes(row.pk for row in intakes)
            intakes = [locked[row.pk] for row in intakes]
        self.intakes: dict[uuid.UUID, list[Intake]] = defaultdict(list)
        for intake in intakes:
            self.intakes[intake.programme_id].append(intake)
        self.programmes = Called({row.programme for row in intakes}, "title")
        self.ids = [row.pk for row in intakes]
        self.employers = Called(employers_to_choose(actor), "name", "short_name")
        self.people: dict[tuple[str, str], list[Specialist]] = defaultdict(list)
        for person in people_to_nominate(actor):
            for column in WHO:
                if word := _as_compared(column, getattr(person, column)):
                    self.people[column, word].append(person)
        self.nominated = nominated_of_employers(self.ids)
        #: The line of each pair of person and intake, and of each person's preferences, that the file has named.
        self.lines: dict[tuple[Any, ...], int] = {}
        #: The lowest preference that the file has given to each person.
        self.lowest: dict[uuid.UUID, int] = {}

    def plan(self, rows: Sequence[Row]) -> None:
        for row in rows:
            row.plan = Plan()
            self._find_person(row)
            self._find_intake(row)
        judged = [row for row in rows if row.verdict is None and self._is_first(row)]
        standing = standing_of_people({row.plan.person.pk for row in judged}, self.ids)
        for row in judged:
            self._judge(row, standing[row.plan.person.pk])

    def write(self, rows: Sequence[Row]) -> None:
        take_in_nominations(
            self.actor,
            new=[row.plan.nomination for row in rows if row.verdict == Verdict.NEW],
            changed=[row.plan.nomination for row in rows if row.verdict == Verdict.CHANGED],
        )

    def _find_person(self, row: Row) -> None:
        """The one person of whom every column that says who it is tells."""
        said = [column for column in WHO if row.values.get(column)]
        if not said:
            if not any(found.column in WHO for found in row.findings):
                row.refuse(_("Say who it is: by the CME number, the e-mail or the full name."), "full_name")
            return
        found: list[Specialist] | None = None
        for column in said:
            called = self.people.get((column, _as_compared(column, row.values[column])), [])
            if not called:
                row.refuse(_("You keep no specialist with this."), column, row.values[column])
                return
            found = called if found is None else [person for person in found if person in called]
        if not found:
            row.refuse(_("This is somebody else than the other columns say."), said[-1], row.values[said[-1]])
            return
        row.plan.who = said[0]
        self._find_one(row, found)

    def _find_one(self, row: Row, people: list[Specialist]) -> None:
        """Who of several people called alike is at work, and at the employer that is named."""
        who = row.plan.who
        if written := row.values.get("employer"):
            employer = _called(
                row, "employer", self.employers, _("You keep no specialists of an employer that is called so."),
                _("Several employers are called so: write the full name."),
            )  # fmt: skip
            if employer is None:
                return
            people = [person for person in people if person.organization_id == employer.pk]
            if not people:
                row.refuse(_("This person works for another employer."), "employer", written)
                return
        at_work = [person for person in people if person.state == SpecialistState.ACTIVE]
        if len(at_work) > 1:
            row.refuse(
                _("Several people are called so: give the CME number, the e-mail or the employer."), who,
                row.values[who],
            )  # fmt: skip
            return
        # Who has left is refused with its own words, like everything that keeps somebody from an intake.
        row.plan.person = next(iter(at_work or people))

    def _find_intake(self, row: Row) -> None:
        if not (written := row.values.get("programme")):
            return
        programme = _called(
            row, "programme", self.programmes, _("No programme is called so that has an intake ahead."),
            _("Several programmes are called so."),
        )  # fmt: skip
        if programme is None:
            return
        intakes, first = self.intakes[programme.pk], row.values.get("starts_on")
        if first:
            row.plan.intake = next((intake for intake in intakes if intake.starts_on == first), None)
            if row.plan.intake is None:
                row.refuse(_("No intake of this programme begins on that day."), "starts_on", first)
            return
        taking = [intake for intake in intakes if accepts(intake)]
        if len(taking) > 1:
            days = ", ".join(f"{intake.starts_on:%d.%m.%Y}" for intake in taking)
            row.refuse(
                _("Several intakes take nominations, give the first day: %(days)s") % {"days": days},
                "starts_on",
            )
        elif not taking:
            row.refuse(NominationClosed.title, "programme", written)
        else:
            row.plan.intake = taking[0]

    def _is_first(self, row: Row) -> bool:
        """Whether no line before says the same of the person: the same intake, or the same preference."""
        plan, choice = row.plan, row.values.get("choice")
        line = self.lines.setdefault((plan.person.pk, plan.intake.pk), row.line)
        if line != row.line:
            row.refuse(
                _("Line %(line)s of the file is about the same.") % {"line": line},
                plan.who,
                row.values[plan.who],
            )
            return False
        line = self.lines.setdefault((plan.person.pk, choice), row.line) if choice else row.line
        if line != row.line:
            row.refuse(
                _("Line %(line)s gives this person the same preference.") % {"line": line}, "choice", choice
            )
        return line == row.line

    def _judge(self, row: Row, standing: list[Nomination]) -> None:
        here = [one for one in standing if one.intake_id == row.plan.intake.pk]
        live = next((one for one in here if one.state not in ENDED), None)
        if live is None:
            if not self._is_barred(row, standing) and self._is_meant(row, here):
                self._enter(row, standing)
        elif live.state in PLACED:
            row.verdict = Verdict.UNCHANGED
        elif live.state != NominationState.DRAFT or not self._is_barred(row, standing):
            self._compare(row, live)

    def _is_barred(self, row: Row, standing: list[Nomination]) -> bool:
        """Refuse somebody who cannot be nominated for the intake."""
        plan = row.plan
        error = obstacle(plan.intake, plan.person)
        placed = (one for one in standing if one.state in PLACED)
        if error is None and any(
            one.starts_on <= plan.intake.ends_on and plan.intake.starts_on <= one.ends_on for one in placed
        ):
            error = PlacedElsewhere()
        if error is not None:
            column = "programme" if isinstance(error, NominationClosed) else plan.who
            row.refuse(error, column, row.values[column])
        return error is not None

    def _is_meant(self, row: Row, ended: list[Nomination]) -> bool:
        """Whether somebody whose nomination has ended is to be nominated once more."""
        answer = self.answers.of(row.line)
        if not ended or answer in (AGAIN, Answer.NEW):
            return True
        if answer == Answer.SKIP:
            row.verdict = Verdict.SKIPPED
        else:
            row.ask(
                _("The nomination of this person for this intake has ended: %(state)s.")
                % {"state": ended[0].get_state_display()},
                [(AGAIN, _("Nominate again"))], value=row.plan.person.full_name,
            )  # fmt: skip
        return False

    def _enter(self, row: Row, standing: list[Nomination]) -> None:
        plan, values = row.plan, row.values
        wanted = [one.choice for one in standing if one.state in CANDIDATE]
        lowest = max(wanted, default=0), self.lowest.get(plan.person.pk, 0)
        choice = values.get("choice") or min(max(lowest) + 1, LAST_CHOICE)
        self.lowest[plan.person.pk] = max(*lowest, choice)
        plan.nomination = Nomination(
            specialist=plan.person, organization_id=plan.person.organization_id, intake=plan.intake,
            starts_on=plan.intake.starts_on, ends_on=plan.intake.ends_on, choice=choice,
            motivation=values.get("motivation", ""),
        )  # fmt: skip
        if self._has_room(row):
            row.verdict = Verdict.NEW

    def _compare(self, row: Row, nomination: Nomination) -> None:
        plan, values = row.plan, row.values
        nomination.specialist, nomination.intake = plan.person, plan.intake
        plan.nomination = nomination
        changed = bool(way_forward(self.actor, nomination))
        for name in ("choice", "motivation"):
            if name in values and getattr(nomination, name) != values[name]:
                setattr(nomination, name, values[name])
                changed = True
        if not changed:
            row.verdict = Verdict.UNCHANGED
        elif nomination.state != NominationState.DRAFT or self._has_room(row):
            row.verdict = Verdict.CHANGED

    def _has_room(self, row: Row) -> bool:
        """Whether the intake takes one more of the employer's people, who then has the place."""
        intake, employer = row.plan.intake, row.plan.person.organization_id
        number = self.nominated.get((intake.pk, employer), 0)
        if intake.per_organization and number >= intake.per_organization:
            row.refuse(TooManyOfOne.title, row.plan.who, row.values[row.plan.who])
            return False
        self.nominated[intake.pk, employer] = number + 1
        return True
