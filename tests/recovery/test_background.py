"""The thread that sends mail: after the answer, at a moment of its own, and not for ever."""

import os
import random
import subprocess
import sys
import threading
from contextvars import ContextVar
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.db import connections

from ninja_totp.emails import background
from ninja_totp.emails.background import Background, at_once, in_background

ROOT = Path(__file__).parents[2]


@pytest.fixture
def worker():
    """A thread of its own, which is done when the test is."""
    worker = Background()
    yield worker
    worker.finish(10)


def broken():
    raise ConnectionRefusedError("no mail server")


def test_a_job_runs_in_another_thread(worker):
    threads = []

    worker.put(lambda: threads.append(threading.current_thread()), {})

    assert worker.finish(10)
    assert threads[0] is not threading.current_thread()
    assert threads[0].daemon


def test_a_job_runs_in_the_context_of_its_request(worker):
    seen, tenant = [], ContextVar("tenant", default="nobody's")
    tenant.set("of the request")

    worker.put(lambda: seen.append(tenant.get()), {})
    tenant.set("of the next one")

    assert worker.finish(10)
    assert seen == ["of the request"]


def test_nobody_waits_for_a_job(worker):
    release, done = threading.Event(), []

    worker.put(lambda: done.append(release.wait(30)), {})
    still_waiting = not done
    release.set()

    assert still_waiting


def test_a_job_begins_after_a_head_start_for_the_answer(worker, monkeypatch):
    monkeypatch.setattr(background, "_head_start", lambda: 3600)
    done = []

    worker.put(lambda **values: done.append(values), {"name": "x"})
    before = list(done)

    assert worker.finish(10)
    assert (before, done) == ([], [{"name": "x"}])


def test_nobody_can_foretell_when_a_job_begins():
    drawn = {background._head_start() for _ in range(1000)}

    assert len(drawn) > 990
    assert 0.5 <= min(drawn) < 3
    assert 27 < max(drawn) <= 30


def test_no_seed_makes_it_foreseeable():
    random.seed(1)
    first = background._head_start()
    random.seed(1)

    assert background._head_start() != first


def test_who_builds_a_site_does_not_wait(settings):
    settings.DEBUG = True

    assert {background._head_start() for _ in range(100)} == {0.5}


def test_a_flood_does_not_push_the_next_job_to_a_known_moment(worker, monkeypatch):
    head_starts = iter([3600, 3600, 0])
    monkeypatch.setattr(background, "_head_start", lambda: next(head_starts))
    others, reached = [], threading.Event()

    for _ in range(2):
        worker.put(others.append, {})
    worker.put(reached.set, {})

    assert reached.wait(30)
    assert others == []


def test_a_job_runs_when_it_is_due(worker, monkeypatch):
    monkeypatch.setattr(background, "_head_start", lambda: 0.05)
    reached = threading.Event()

    worker.put(reached.set, {})

    assert reached.wait(30)


def test_a_job_that_fails_is_logged_and_the_next_one_runs(worker, caplog):
    done = []

    worker.put(broken, {})
    worker.put(lambda: done.append(True), {})

    assert worker.finish(10)
    assert done == [True]
    assert "A mail could not be sent: ConnectionRefusedError." in caplog.text
    assert "no mail server" not in caplog.text


def test_a_mail_server_that_hangs_does_not_fill_the_memory(monkeypatch, caplog):
    monkeypatch.setattr(background, "_MOST_JOBS", 2)
    worker, release = Background(), threading.Event()

    for _ in range(10):
        worker.put(release.wait, {"timeout": 30})
    release.set()

    assert worker.finish(10)
    assert "Too many mails about recovery are waiting; one was dropped." in caplog.text


def test_whoever_ends_the_process_does_not_wait_for_ever():
    worker, release = Background(), threading.Event()
    worker.put(release.wait, {"timeout": 30})

    assert not worker.finish(0.1)
    release.set()
    assert worker.finish(10)


@pytest.mark.django_db(transaction=True)
def test_a_job_leaves_no_connection_behind(worker):
    used = []

    def use_the_database():
        connections["default"].ensure_connection()
        used.append(connections["default"])

    worker.put(use_the_database, {})

    assert worker.finish(10)
    assert [connection.connection for connection in used] == [None]


def test_under_the_test_runner_a_job_runs_at_once():
    done = []

    in_background(lambda: done.append(threading.current_thread()))

    assert done == [threading.current_thread()]


def test_elsewhere_it_does_not(monkeypatch, worker):
    monkeypatch.delattr(mail, "outbox")
    monkeypatch.setattr(background, "_background", worker)
    done = []

    in_background(lambda: done.append(threading.current_thread()))

    assert worker.finish(10)
    assert done != [threading.current_thread()]


def test_what_fails_at_once_is_logged_and_harms_nobody(caplog):
    at_once(broken)

    assert "A mail could not be sent: ConnectionRefusedError." in caplog.text


def test_the_receiver_whom_a_mail_server_refuses_is_not_logged(caplog):
    def refused():
        raise SMTPRecipientsRefused({"ada@example.org": (550, b"no such user")})

    def refused_among_others():
        raise ExceptionGroup("Not every link could be mailed.", [SMTPRecipientsRefused({})])

    at_once(refused)
    at_once(refused_among_others)

    said = "A mail could not be sent: SMTPRecipientsRefused."
    assert [record.getMessage() for record in caplog.records] == [said, said]
    assert "ada@" not in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="THERE IS NO FORK HERE")
def test_a_forked_child_takes_over_no_jobs(monkeypatch, worker):
    monkeypatch.setattr(background, "_background", worker)

    background._start_again()

    assert background._background is not worker


@pytest.mark.slow
def test_a_process_that_ends_sends_what_is_left(tmp_path):
    program = (
        "import sys, pathlib, django\n"
        "django.setup()\n"
        "from ninja_totp.emails import in_background\n"
        "in_background(pathlib.Path(sys.argv[1]).write_text, data='sent')\n"
    )

    subprocess.run(
        [sys.executable, "-c", program, tmp_path / "mail"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=ROOT,
        check=True,
    )

    assert (tmp_path / "mail").read_text() == "sent"
