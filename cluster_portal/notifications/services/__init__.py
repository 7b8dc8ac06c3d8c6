"""Writes of notices."""

from cluster_portal.notifications.services.notices import mark_all_read, notify, open_notice, set_email, sweep

__all__ = ["mark_all_read", "notify", "open_notice", "set_email", "sweep"]
