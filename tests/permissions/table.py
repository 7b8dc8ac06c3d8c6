"""Every route of the portal and what each role is to get there, by the policies' meaning."""
