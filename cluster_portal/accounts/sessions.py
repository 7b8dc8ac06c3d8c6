"""Sessions in PostgreSQL, and nowhere else.

One look-up by key a request, about as fast as a cache over the network; in return a session that was ended is dead
everywhere at once, and nobody is signed out because a cache is away. A session ends after `IDLE` without a request
and in any case `ABSOLUTE` after signing in. The row itself carries the earlier of the two, so what has ended cannot
be loaded by anything, whichever middleware comes first.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.dispatch import receiver
from django.utils import timezone

IDLE, ABSOLUTE = 3 * 3600, 12 * 3600
#: A request moves the idle limit on at most this often (seconds): not every page view is worth a write.
STEP = 300

STARTED, SEEN = "_started", "_seen"


class SessionStore(DatabaseStore):
    """Django's database sessions with an idle and an absolute limit."""

    @classmethod
    def get_model_class(cls):
        # Imported here because models are not loaded when the settings name this module.
        from django.contrib.sessions.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        data = super().load()
        now = int(time.time())
        if data and now - data.get(SEEN, 0) >= STEP:
            data[SEEN] = now
            self.modified = True
        return data

    def save(self, must_create: bool = False) -> None:
        data = self._get_session(no_load=must_create)
        now = int(time.time())
        data.setdefault(STARTED, now)
        data.setdefault(SEEN, now)
        super().save(must_create)

    def exists(self, session_key: str | None) -> bool:
        return self.model.objects.filter(session_key=session_key, expire_date__gt=timezone.now()).exists()

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        now = int(time.time())
        ends = min(self.get(STARTED, now) + ABSOLUTE, self.get(SEEN, now) + IDLE)
        return datetime.fromtimestamp(ends, UTC)

    def get_expiry_age(self, **kwargs: Any) -> int:
        return max(0, int(self.get_expiry_date().timestamp() - time.time()))


@receiver(user_logged_in)
def start_clock(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """The absolute limit counts from signing in, not from the first page that was looked at."""
    now = int(time.time())
    request.session[STARTED] = request.session[SEEN] = now
