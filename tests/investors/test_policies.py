"""Who acts for an investor: its people by their accounts alone, and nobody decides on their own company."""

from clinics.selectors.actors import resolve
from investors.policies import investor_policy
from investors.states import INVESTOR
from tests.factories import clinics as make
from tests.factories import investors as rows


def test_a_company_is_its_peoples_whatever_organisation_they_serve(land):
    person, stranger = make.make_user(), make.make_user()
    investor = rows.make_investor(person)
    other = rows.make_investor(person, "member", state="review")
    actor = resolve(user=person)
    assert set(investor_policy.queryset(actor)) == {investor, other}
    assert list(investor_policy.queryset(actor, "act")) == [investor]
    assert list(investor_policy.queryset(actor, "own")) == [investor]
    make.make_member("referrer", user=person)
    assert list(investor_policy.queryset(resolve(user=person), "act")) == [investor]
    assert not investor_policy.queryset(resolve(user=stranger)).exists()
    assert set(investor_policy.queryset(land)) == {investor, other}
    assert not investor_policy.queryset(make.make_actor("manager")).exists()


def test_nobody_decides_on_their_own_company(land):
    person = make.make_member("land")
    own, other = rows.make_investor(person, state="review"), rows.make_investor(state="review")
    assert list(investor_policy.queryset(resolve(user=person), "decide")) == [other]
    assert set(investor_policy.queryset(land, "decide")) == {own, other}
    sides = investor_policy.sides(land, other)
    assert INVESTOR.available(other.state, sides) == ["verify", "refuse"]
    assert INVESTOR.available(own.state, investor_policy.sides(resolve(user=person), own)) == ["reopen"]
