"""Notices for people: kept in the portal, mailed to those who want it. Who is told is decided by the apps above."""
