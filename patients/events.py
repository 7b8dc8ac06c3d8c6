"""What patients' services tell the rest of the portal, by name. Payloads hold ids only."""

#: A line was added to a referral's story: {"referral": id, "action": action, "organization": id of who acted or None,
#: "step": id of the line}.
REFERRAL_MOVED = "patients.referral_moved"

#: A time of this kind may be free, or somebody began to wait for one: {"service_type": code}.
OFFER_TIMES = "patients.offer_times"

#: An offered time is no longer kept from now on, unless it was answered: {"offer": id}.
OFFER_ENDS = "patients.offer_ends"

#: Somebody wrote to the other clinic: {"message": id}.
MESSAGE_WRITTEN = "patients.message_written"

#: Somebody wants likely duplicates to be looked for now: {}.
FIND_DUPLICATES = "patients.find_duplicates"

#: A question to a specialist was asked, answered or settled: {"post": id of the thread's line}.
ADVICE_MOVED = "patients.advice_moved"

#: The office has answered a clinic's proposal to merge two records: {"proposal": id}.
PROPOSAL_ANSWERED = "patients.proposal_answered"
