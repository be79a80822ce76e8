"""Mail through a task queue of the project: functions for TOTP_RECOVERY_DISPATCHER.

    TOTP_RECOVERY_DISPATCHER = "ninja_totp.tasks.in_django_task"  # django.tasks, Django 6.0
    TOTP_RECOVERY_DISPATCHER = "ninja_totp.tasks.in_celery"

Celery's `autodiscover_tasks()` finds the task here. Without the library, or a default queue in
TASKS, there is no function, so that the system check of the setting says so.
"""

import re
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import django
from django.utils.module_loading import import_string

from ninja_totp.emails.background import Job

# Anyone who can write to the queue must not be able to call any other function.
_OURS = re.compile(r"ninja_totp\.services\.([a-z_]+\.)+mail_[a-z_]+")


def _run(job: str, arguments: dict[str, Any]) -> None:
    """Run a job, in a worker."""
    if _OURS.fullmatch(job) is None:
        raise ValueError("This is no job of ninja_totp.")
    import_string(job)(**arguments)


if django.VERSION >= (6, 0):
    from django.tasks import task
    from django.tasks.exceptions import InvalidTask, InvalidTaskBackend

    # A project with Celery may have no default queue in TASKS, and its workers import this module.
    with suppress(InvalidTask, InvalidTaskBackend):

        @task
        def django_task(job: str, arguments: dict[str, Any]) -> None:
            """Run a job, in a worker of django.tasks."""
            _run(job, arguments)

        def in_django_task(job: Job, /, **arguments: Any) -> None:
            """Put the job into the default queue of django.tasks."""
            django_task.enqueue(f"{job.__module__}.{job.__qualname__}", arguments)


if find_spec("celery"):
    from celery import shared_task  # type: ignore[import-untyped]  # as it is there

    celery_task = shared_task(name="ninja_totp.mail", ignore_result=True)(_run)

    def in_celery(job: Job, /, **arguments: Any) -> None:
        """Put the job into the default queue of Celery."""
        celery_task.delay(f"{job.__module__}.{job.__qualname__}", arguments)
