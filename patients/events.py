"""What patients' services tell the rest of the portal, by name. Payloads hold ids only."""

#: A line was added to a referral's story: {"referral": id, "action": action, "organization": id of who acted or None,
#: "step": id of the line}.
REFERRAL_MOVED = "patients.referral_moved"
