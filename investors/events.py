"""What the investors' services tell the rest of the portal, by name. Payloads hold ids only."""

#: Somebody is asked to act for a company: {"invitation": id}.
INVITE = "investors.invite"
