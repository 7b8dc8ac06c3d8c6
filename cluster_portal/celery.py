"""The Celery application. Jobs are rows of PostgreSQL; Celery only carries the news that there is work.

``wsgi.py`` and ``manage.py`` import this module, so that ``current_app`` and ``@shared_task`` are this
application in every process. The package ``cluster_portal`` itself does not: the front door imports that one
before anything is installed.
"""

import os
from typing import Any

import kombu
from celery import Celery
from celery.app.amqp import AMQP
from celery.schedules import crontab
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")

#: The longest that a task may take (seconds); after it the task is killed and comes back.
HARD_LIMIT = 30 * 60


class Connection(kombu.Connection):
    """To a broker that may be away. Kombu would ask again after ever more seconds, at last each thirty."""

    def _ensure_connection(
        self,
        errback: Any = None,
        max_retries: int | None = None,
        interval_start: float = 0.5,
        interval_step: float = 0.5,
        interval_max: float = 2,
        **more: Any,
    ) -> Any:
        return super()._ensure_connection(
            errback, max_retries, interval_start, interval_step, interval_max, **more
        )


class Messaging(AMQP):
    """Celery's messaging over our connections."""

    Connection = Connection


def _round(task: str, schedule: float | crontab, expires: float | None = None) -> dict[str, Any]:
    """An entry of beat. One that no worker takes within `expires` seconds (its own period, at most an hour) is dropped,
    so that rounds do not pile up.
    """
    return {"task": task, "schedule": schedule, "options": {"expires": expires or min(schedule, 3600)}}


app = Celery("cluster_portal", amqp=Messaging)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # JSON only: a message that reaches the broker in any other way cannot run code.
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    # What a task came to is written into its own rows, never into the broker.
    task_ignore_result=True,
    # A task is taken off the queue when it is done, so a killed worker loses none.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=HARD_LIMIT,
    task_soft_time_limit=HARD_LIMIT - 60,
    worker_max_tasks_per_child=1000,
    # Work goes on while the broker is away: it lives in PostgreSQL. What the broker gives out again later finds its
    # rows done or locked.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    # For ever: an end of the asking would leave a worker that does nothing.
    broker_connection_max_retries=None,
    broker_connection_timeout=1,
    broker_transport_options={
        # Longer than any task may run: a task must not be given out twice at the same time.
        "visibility_timeout": 2 * HARD_LIMIT,
        "socket_connect_timeout": 1,
        # A broker that is there but says nothing; longer than the second for which a worker asks it for messages.
        "socket_timeout": 5,
        "socket_keepalive": True,
        # Look for tasks of killed workers on each round, not on each tenth.
        "unacked_restore_throttle": 1,
    },
    timezone="UTC",
    # Long work has workers of its own: a report never keeps a notice or a webhook waiting.
    task_routes={"cluster_portal.jobs.tasks.work": {"queue": "jobs"}},
    beat_schedule={
        # A nudge follows every commit; the round is for what a nudge missed and for what is due later.
        "relay": _round("cluster_portal.common.tasks.relay", 5.0),
        "sweep": _round("cluster_portal.common.tasks.sweep", 3600.0),
        "refresh_summaries": _round("cluster_portal.common.tasks.refresh_summaries", 30.0),
        "sweep_sign_in": _round("cluster_portal.accounts.tasks.sweep", 3600.0),
        "sweep_api": _round("cluster_portal.api.tasks.sweep", 3600.0),
        "sweep_notices": _round("cluster_portal.notifications.tasks.sweep", 6 * 3600.0),
        # Rounds for what the nudges missed: jobs of killed workers, and those that were put off.
        "jobs": _round("cluster_portal.jobs.tasks.work", 5.0),
        "report_schedules": _round("cluster_portal.reports.tasks.schedules", 60.0),
        "sweep_jobs": _round("cluster_portal.jobs.tasks.sweep", 6 * 3600.0),
        "sweep_files": _round("cluster_portal.files.tasks.sweep", 3600.0),
        "sweep_imports": _round("cluster_portal.imports.tasks.sweep", 6 * 3600.0),
        # Webhooks follow the journal: nobody who changes something waits for them or writes anything for them.
        "webhooks": _round("cluster_portal.webhooks.tasks.follow", 5.0),
        "send_webhooks": _round("cluster_portal.webhooks.tasks.deliver", 5.0),
        "sweep_webhooks": _round("cluster_portal.webhooks.tasks.sweep", 6 * 3600.0),
        # Free times are offered at once by messages; the round is for what comes by the clock alone.
        "sweep_waiting_list": _round("patients.tasks.sweep_waiting_list", 60.0),
        "training_figures": _round("training.tasks.refresh_figures", 60.0),
        # Rooms that were booked and nobody came to.
        "release_rooms": _round("training.tasks.release_rooms", 300.0),
        # Every act judges by the clock itself; the round is for what is shown and told.
        "follow_clock": _round("investors.tasks.follow_clock", 30.0),
        # All records against each other: once a day, when few people work.
        "find_duplicates": _round(
            "patients.tasks.find_duplicates", crontab(minute=10, hour=16), expires=6 * 3600
        ),
        # Each paper is warned of once for each mark, so a second round a day only makes up for a night that was missed.
        "watch_licences": _round(
            "clinics.tasks.watch_licences", crontab(minute=40, hour="*/12"), expires=3600
        ),
        "watch_papers": _round("training.tasks.watch_papers", crontab(minute=50, hour="*/12"), expires=3600),
        # Each plot is mailed once for each saved search, so a round that was missed is made up for by the next one.
        "look_for_new_plots": _round(
            "investors.tasks.look_for_new_plots", crontab(minute=20, hour=17), expires=6 * 3600
        ),
        # Once a day, before people come to work; a task that is overdue is told of once.
        "remind_of_tasks": _round(
            "investors.tasks.remind_of_tasks", crontab(minute=40, hour=20), expires=6 * 3600
        ),
        "remind_of_milestones": _round(
            "investors.tasks.remind_of_milestones", crontab(minute=50, hour=20), expires=6 * 3600
        ),
        # Slots stand ready for weeks: one round a day is enough, and the others are for the days it was missed.
        "extend_schedules": _round(
            "clinics.tasks.extend_schedules", crontab(minute=30, hour="*/6"), expires=3600
        ),
        # It is midnight somewhere at every hour.
        "count_beds": _round("clinics.tasks.count_beds", crontab(minute=1), expires=3000),
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Celery would put its own format on the root logger; the settings' LOGGING stays instead."""
    from django.conf import settings
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
