"""Land, the companies that want it and the tenders of it, for the matrix."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cluster_portal.accounts.models import User
from cluster_portal.accounts.services import joining
from investors.models import Plot
from investors.selectors import watching
from investors.selectors.invitations import sign
from tests.factories import groups, investors, projects
from tests.permissions import roles as r


class LandRows:
    """What `World` has of the investors' app."""

    ids: dict[str, str]
    users: dict[str, User]
    secrets: list[tuple[frozenset[str], str]]

    def _land(self) -> None:
        """A site with a plot on offer, a given one and a draft."""
        site = investors.make_site()
        plot = investors.make_plot(site)
        self.plot_document = investors.make_document(plot)
        self._keep(
            site=site,
            plot=plot,
            draft_plot=investors.make_plot(site, at=(2, 0), state="draft"),
            utility=investors.make_utility(plot),
            plot_document=self.plot_document,
        )
        self._keep(
            item=investors.make_roadmap_item(),
            hidden_item=investors.make_roadmap_item(title_ru="Тайный замысел карты", is_public=False),
        )
        self._groups()
        event = groups.make_event()
        contact = groups.make_contact(event, person="Тайный Собеседник")
        hidden = groups.make_event(title_ru="Тайная встреча", is_public=False)
        self.secrets += [(frozenset({r.LAND, r.OFFICE}), text) for text in (contact.person, hidden.title_ru)]
        self._keep(roadshow=event, roadshow_contact=contact, hidden_roadshow=hidden)
        self._investors()
        self._tenders(site)

    def _groups(self) -> None:
        """A working group in which the guest sits."""
        group = groups.make_group(title_ru="Тайная рабочая группа")
        self.secrets.append((frozenset({r.LAND, r.OFFICE, r.GUEST}), group.title_ru))
        seat = groups.make_seat(group, self.users[r.GUEST])
        self._keep(
            group=group, seat=seat, meeting=groups.make_meeting(group, days=7),
            held_meeting=groups.make_held_meeting(group, seat, decisions=("Написать план",)),
            group_task=groups.make_task(seat),
        )  # fmt: skip

    def _investors(self) -> None:
        """A company that the guest enters, and one of somebody else that waits for the land office."""
        guest = self.users[r.GUEST]
        offices = frozenset({r.LAND, r.OFFICE})
        self.secrets.append((offices, "Тайный замысел карты"))
        own = investors.make_investor(guest, state="new", name_ru="Тайный инвестор", name_en="")
        other = investors.make_investor(state="review", name_ru="Чужой инвестор", name_en="")
        self.secrets += [(offices | {r.GUEST}, own.name_ru), (offices, other.name_ru)]
        self.company_document = investors.make_investor_document(own)
        invitation = investors.make_invitation(own, email=guest.email)
        self._keep(
            investor=own, other_investor=other, company_document=self.company_document, invitation=invitation,
            owner=own.owners.get(), member=own.members.get(),
        )  # fmt: skip
        plot = Plot.objects.get(pk=self.ids["plot"])
        interest = investors.make_interest(own, plot, outline="Тайный замысел")
        self.secrets.append((offices | {r.GUEST}, interest.outline))
        search = investors.make_search(guest, direction="scientific")
        self._keep(interest=interest, search=search)
        self.ids["search_token"] = watching.sign(search)
        newcomer = joining.Newcomer("new@example.org", "Новый Инвестор")
        self.ids |= {"invitation_token": sign(invitation.pk), "join_token": joining.sign(newcomer)}

    def _tenders(self, site: Any) -> None:
        """A tender a day into its questions, a draft, and one in which the guest's company bids."""
        tender = investors.make_tender(
            investors.make_plot(site, at=(4, 0), state="in_tender"), at=timezone.now() - timedelta(days=1),
            state="published", version=1, published_at=timezone.now() - timedelta(days=2),
        )  # fmt: skip
        bid = investors.make_bid(
            investors.make_tender(
                investors.make_plot(site, at=(6, 0), state="in_tender"), at=timezone.now() - timedelta(days=12),
                state="bidding", version=1,
            ),
            investors.make_investor(self.users[r.GUEST]),
            plan="Тайный план застройки",
        )  # fmt: skip
        self.bid_file, self.bid_content = investors.make_bid_file(bid, name="Тайная смета.pdf")
        # No page, answer or export tells anybody else of what is sealed.
        self.secrets += [(frozenset({r.GUEST}), word) for word in ("Тайный план застройки", "Тайная смета")]
        self._keep(bid_file=self.bid_file)
        self._keep(bid=bid, bidder=bid.investor, bidding=bid.tender, question=investors.make_question(tender))
        self.tender_document = investors.make_tender_document(tender)
        investors.make_version(tender)
        opened = investors.make_tender(investors.make_plot(site, at=(10, 0)), state="evaluation", version=1)
        investors.make_opening(opened)
        self._evaluation(site, opened)
        self._agreements(site)
        self._keep(
            tender=tender,
            opened_tender=opened,
            draft_tender=investors.make_tender(investors.make_plot(site, at=(8, 0))),
            tender_document=self.tender_document,
        )

    def _evaluation(self, site: Any, judged: Any) -> None:
        """The guest judges a tender, and the guest's company has won another one; a third has a bid to admit."""
        evaluator = investors.make_evaluator(judged, self.users[r.GUEST], state="named")
        other = investors.make_tender(investors.make_plot(site, at=(10, 2)), state="evaluation", version=1)
        bid = investors.make_opened_bid(other, state="submitted")
        awarded = investors.make_tender(investors.make_plot(site, at=(10, 4)), state="awarded", version=1)
        award = investors.make_award(
            investors.make_opened_bid(awarded, investors.make_investor(self.users[r.GUEST]))
        )
        self._keep(evaluator=evaluator, opened_bid=bid, awarded=awarded, award=award)

    def _agreements(self, site: Any) -> None:
        """An agreement of the guest's company that is in force, and a draft of it with a paper."""
        guest = investors.make_investor(self.users[r.GUEST])
        held = investors.make_agreement(
            guest,
            investors.make_plot(site, at=(0, 2), state="allocated"),
            state="in_force",
            reason="Тайный повод",
        )
        draft = investors.make_agreement(guest, investors.make_plot(site, at=(2, 2), state="reserved"))
        self.secrets.append((frozenset({r.LAND, r.OFFICE, r.GUEST}), held.reason))
        self.agreement_document = investors.make_agreement_document(draft)
        self._keep(
            agreement=held, draft_agreement=draft, agreement_document=self.agreement_document, resident=guest
        )
        self._projects(held)

    def _projects(self, held: Any) -> None:
        """A project of the guest's company with a figure that waits for the land office."""
        project = projects.make_project(held)
        figure = projects.make_figure(project, source="Тайный отчёт")
        self.secrets.append((frozenset({r.LAND, r.OFFICE, r.GUEST}), figure.source))
        self._keep(
            project=project, figure=figure, milestone=projects.make_milestone(project),
            funding=projects.make_funding(project),
        )  # fmt: skip
