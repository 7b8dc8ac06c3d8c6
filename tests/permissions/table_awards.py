"""What follows the opening of a tender's bids, and bids, awards and questions by REST."""

from __future__ import annotations

from tests.permissions.roles import FORBIDDEN, GUEST, LAND, OFFICE, PEOPLE, allow, api, page, public
from tests.permissions.rules import SIGNED_IN
from tests.permissions.table_investors import (
    BID,
    BIDDING,
    OFFICES,
    OWN_BID,
    WAYS,
    WRITING,
    WRITING_DRAFTS,
)

#: The guest judges a tender, and the guest's company has won another one.
EVALUATOR, AWARD, WHY = {"pk": "@evaluator"}, {"pk": "@award"}, {"reason": "Нет лицензии"}
JUDGING = allow({GUEST}, forbidden={LAND, OFFICE})
ENVELOPES = {
    "eligibility": {"statement": "Есть"},
    "offer": {"price": "1", "investment": "1", "jobs": 1, "starts_on": "2027-06-01", "plan": "Клиника"},
}

PAGES = [
    page("investors:evaluation", "GET", OFFICES, at={"pk": "@opened_tender"}),
    *(page("investors:evaluator_new", way, WRITING, at={"pk": "@opened_tender"}) for way in WAYS),
    *(page("investors:tender_award", way, WRITING, at={"pk": "@opened_tender"}) for way in WAYS),
    *(
        page("investors:bid_judge", way, WRITING_DRAFTS, at={"pk": "@opened_bid", "action": act}, body=WHY)
        for way in WAYS
        for act in ("qualify", "disqualify")
    ),
    *(
        page(
            "investors:evaluator_step",
            way,
            allow({LAND}, forbidden={OFFICE, GUEST}),
            at={**EVALUATOR, "action": "exclude"},
            body=WHY,
        )
        for way in WAYS
    ),
    page("investors:evaluations", "GET", allow(PEOPLE, other=FORBIDDEN)),
    *(page("investors:marks", way, JUDGING, at=EVALUATOR) for way in WAYS),
    page("investors:marks_declare", "POST", JUDGING, at=EVALUATOR),
    *(
        page("investors:marks_step", way, JUDGING, at={**EVALUATOR, "action": "recuse"}, body=WHY)
        for way in WAYS
    ),
    *(page("investors:award_step", way, WRITING, at={**AWARD, "action": "revoke"}, body=WHY) for way in WAYS),
    *(
        page("investors:award_own_step", way, BIDDING, at={**AWARD, "action": "decline"}, body=WHY)
        for way in WAYS
    ),
    *(
        page(name, "GET", allow(()), at={**at, "action": "explode"})
        for name, at in (
            ("investors:award_step", AWARD),
            ("investors:award_own_step", AWARD),
            ("investors:marks_step", EVALUATOR),
            ("investors:evaluator_step", EVALUATOR),
            ("investors:bid_judge", {"pk": "@opened_bid"}),
        )
    ),
    public("investors:tender_protocol", at={"pk": "@awarded"}),
]

RESOURCES = [
    api("api-bids-list", "GET", SIGNED_IN),
    api(
        "api-bids-list",
        "POST",
        allow({GUEST}, forbidden={LAND, OFFICE}),
        body={"tender": "@bidding", "investor": "@bidder", **ENVELOPES},
    ),
    api("api-bids-detail", "GET", OWN_BID, at=BID),
    api("api-bids-detail", "GET", allow({LAND, OFFICE}), at={"pk": "@opened_bid"}),
    api("api-bids-contents", "GET", OWN_BID, at=BID),
    api("api-bids-contents", "GET", allow({LAND, OFFICE}), at={"pk": "@opened_bid"}),
    *(api("api-bids-files", way, OWN_BID, at=BID, multipart=True) for way in WAYS),
    *(api("api-bids-file", way, OWN_BID, at={**BID, "file": "@bid_file"}) for way in ("GET", "DELETE")),
    api("api-bids-file-content", "GET", OWN_BID, at={**BID, "file": "@bid_file"}),
    api("api-bids-replace", "POST", OWN_BID, at=BID, body=ENVELOPES),
    *(api(f"api-bids-{step}", "POST", OWN_BID, at=BID) for step in ("confirm", "withdraw")),
    *(
        api(f"api-bids-{step}", "POST", WRITING_DRAFTS, at={"pk": "@opened_bid"}, body=WHY)
        for step in ("qualify", "disqualify")
    ),
    api("api-evaluators-list", "GET", SIGNED_IN),
    api("api-evaluators-list", "POST", WRITING, body={"tender": "@opened_tender", "email": "x@example.org"}),
    api("api-evaluators-detail", "GET", allow({GUEST, LAND, OFFICE}), at=EVALUATOR),
    api("api-evaluators-marks", "GET", allow({GUEST, LAND, OFFICE}), at=EVALUATOR),
    api("api-evaluators-marks", "POST", JUDGING, at=EVALUATOR, body={"marks": []}),
    api("api-evaluators-sheet", "GET", JUDGING, at=EVALUATOR),
    *(api(f"api-evaluators-{step}", "POST", JUDGING, at=EVALUATOR) for step in ("declare", "finish")),
    api("api-evaluators-recuse", "POST", JUDGING, at=EVALUATOR, body=WHY),
    api("api-evaluators-exclude", "POST", allow({LAND}, forbidden={OFFICE, GUEST}), at=EVALUATOR, body=WHY),
    api("api-tenders-ranking", "GET", OFFICES, at={"pk": "@opened_tender"}),
    api("api-awards-list", "GET", SIGNED_IN),
    api("api-awards-detail", "GET", SIGNED_IN, at=AWARD),
    api("api-awards-decline", "POST", BIDDING, at=AWARD, body=WHY),
    api("api-awards-revoke", "POST", WRITING, at=AWARD, body=WHY),
    api("api-questions-list", "GET", SIGNED_IN),
    api(
        "api-questions-list",
        "POST",
        allow(PEOPLE, other=FORBIDDEN),
        body={"tender": "@tender", "text": "Когда?"},
    ),
    api("api-questions-detail", "GET", allow({LAND, OFFICE}), at={"pk": "@question"}),
    api(
        "api-questions-answer",
        "POST",
        WRITING_DRAFTS,
        at={"pk": "@question"},
        body={"answer_ru": "Да", "answer_en": "Yes"},
    ),
]
