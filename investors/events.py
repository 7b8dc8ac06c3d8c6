"""What the investors' services tell the rest of the portal, by name. Payloads hold ids only."""

#: Somebody is asked to act for a company: {"invitation": id}.
INVITE = "investors.invite"
#: A tender came into a state of which people hear: {"tender": id, "state": code}.
TENDER_MOVED = "investors.tender_moved"
#: The terms of a tender were changed: {"tender": id, "version": number}.
TERMS_CHANGED = "investors.terms_changed"
#: Somebody asked about a tender, and was answered: {"question": id}.
QUESTION_ASKED, QUESTION_ANSWERED = "investors.question_asked", "investors.question_answered"
#: Somebody is asked to judge bids: {"evaluator": id}. All evaluators of a tender have finished: {"tender": id}.
EVALUATOR_NAMED, MARKS_COMPLETE = "investors.evaluator_named", "investors.marks_complete"
#: A bid has won; its company or the land office has ended that: {"award": id}.
TENDER_AWARDED, AWARD_ENDED = "investors.tender_awarded", "investors.award_ended"
#: A saved search has found new plots: {"search": id, "plots": [id]}.
SEARCH_FOUND = "investors.search_found"
