"""Demo clusters: facts from public sources, people and referrals generated. Nothing of it runs outside of the demo."""
