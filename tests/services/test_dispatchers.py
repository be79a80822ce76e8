"""Mail through a task queue: what is put into it comes out of it and is mailed."""

import json
import runpy
from importlib.util import find_spec

import django
import pytest
from django.core import mail
from django.core.checks import run_checks

from ninja_totp.services import request_recovery, verify_backup_code

pytestmark = pytest.mark.django_db(transaction=True)

needs_celery = pytest.mark.skipif(find_spec("celery") is None, reason="CELERY IS NOT INSTALLED")
needs_tasks = pytest.mark.skipif(django.VERSION < (6, 0), reason="django.tasks CAME WITH 6.0")
BACKENDS = "django.tasks.backends"


@pytest.fixture
def celery():
    """An application of Celery that runs a task where it is put into the queue."""
    from celery import Celery

    app = Celery("tests", set_as_current=True)
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield app
    app.close()


@pytest.fixture
def dispatcher(owner, settings):
    """A function that sets the dispatcher, for what is mailed after the enrolment."""
    mail.outbox.clear()

    def choose(name):
        settings.TOTP_RECOVERY_DISPATCHER = f"ninja_totp.tasks.{name}"

    return choose


def cause_mails(owner):
    request_recovery(owner.user.email)
    verify_backup_code(owner.user, owner.backup_codes[0])


def assert_mailed(owner):
    assert [message.to for message in mail.outbox] == [[owner.user.email]] * 2
    assert "/totp-recovery/" in mail.outbox[0].body


@needs_celery
def test_celery_sends_the_mail(owner, dispatcher, celery):
    dispatcher("in_celery")

    cause_mails(owner)

    assert_mailed(owner)


@needs_celery
def test_celery_is_given_what_json_can_hold(owner, dispatcher, celery, monkeypatch):
    dispatcher("in_celery")
    from ninja_totp.tasks import celery_task

    queued = []
    monkeypatch.setattr(celery_task, "delay", lambda *message: queued.append(json.dumps(message)))
    cause_mails(owner)
    mailed_before = list(mail.outbox)

    for message in queued:
        celery.tasks["ninja_totp.mail"](*json.loads(message))

    assert mailed_before == []
    assert_mailed(owner)


@needs_celery
@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "ninja_totp.services.operators.accounts.reset_totp",
        "ninja_totp.services.history.os.mail_x",
        "xninja_totp.services.history.mail_notice",
    ],
)
def test_nothing_else_runs_from_the_queue(celery, name):
    from ninja_totp.tasks import celery_task

    with pytest.raises((ValueError, ImportError)):
        celery_task(name, {})


@needs_tasks
def test_django_tasks_send_the_mail(owner, dispatcher, settings):
    settings.TASKS = {"default": {"BACKEND": f"{BACKENDS}.immediate.ImmediateBackend"}}
    dispatcher("in_django_task")

    cause_mails(owner)

    assert_mailed(owner)


@needs_tasks
def test_a_django_task_waits_for_its_worker(owner, dispatcher, settings):
    from django.tasks import default_task_backend

    settings.TASKS = {"default": {"BACKEND": f"{BACKENDS}.dummy.DummyBackend"}}
    dispatcher("in_django_task")

    cause_mails(owner)
    mailed_before = list(mail.outbox)
    for result in default_task_backend.results:
        result.task.call(*json.loads(json.dumps(result.args)))

    assert mailed_before == []
    assert_mailed(owner)


@needs_tasks
@pytest.mark.parametrize(
    ("backend", "found"),
    [("immediate.ImmediateBackend", True), ("dummy.DummyBackend", True), (None, False)],
)
def test_a_backend_that_has_no_worker_is_found(dispatcher, settings, backend, found):
    own = f"{__name__}.QueueBackend"
    settings.TASKS = {"default": {"BACKEND": own if backend is None else f"{BACKENDS}.{backend}"}}
    dispatcher("in_django_task")

    ids = [message.id for message in run_checks(include_deployment_checks=True)]

    assert ("ninja_totp.W014" in ids) is found


@needs_celery
@needs_tasks
@pytest.mark.parametrize(
    "tasks",
    [
        {"default": {"BACKEND": f"{BACKENDS}.dummy.DummyBackend", "QUEUES": ["other"]}},
        {"other": {"BACKEND": f"{BACKENDS}.dummy.DummyBackend"}},
    ],
    ids=["no default queue", "no default backend"],
)
def test_celery_needs_no_queue_of_django(settings, tasks):
    settings.TASKS = tasks
    settings.TOTP_RECOVERY_DISPATCHER = "ninja_totp.tasks.in_celery"

    names = runpy.run_path(find_spec("ninja_totp.tasks").origin)

    assert "in_celery" in names
    assert "in_django_task" not in names


@pytest.mark.skipif(django.VERSION >= (6, 0), reason="DJANGO'S OWN SETTING SINCE 6.0")
@pytest.mark.parametrize("tasks", [None, ["a setting of the project"], {"default": "fast"}])
def test_the_project_may_have_another_setting_of_that_name(settings, tasks):
    settings.TASKS = tasks

    ids = [message.id for message in run_checks(include_deployment_checks=True)]

    assert "ninja_totp.W014" not in ids


if django.VERSION >= (6, 0):
    from django.tasks.backends.base import BaseTaskBackend

    class QueueBackend(BaseTaskBackend):
        """Stands for one with workers."""

        def enqueue(self, task, args, kwargs):
            """Not called."""
