"""HTML of patients and referrals: thin views over selectors and services."""
