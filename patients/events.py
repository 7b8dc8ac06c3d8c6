"""What patients' services tell the rest of the portal, by name. Payloads hold ids only."""

#: A referral changed its state: {"referral": id, "action": action, "organization": id of who acted or None}.
REFERRAL_MOVED = "patients.referral_moved"
#: A time became free: {"slot": id}.
SLOT_FREED = "patients.slot_freed"
