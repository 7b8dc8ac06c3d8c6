"""What the registry's services tell the rest of the portal, by name. Payloads hold ids only."""

#: Times of these service types were published or opened again: {"service_types": [codes]}.
SLOTS_OPENED = "clinics.slots_opened"

#: The office approved or refused a change of a record: {"change": id}.
CHANGE_DECIDED = "clinics.change_decided"
