"""The tests of a project that moves over, on REST framework's classes as they usually are."""

from django.contrib.auth import get_user_model
from django.core import mail
from django.db import transaction
from rest_framework.test import APITestCase

from drf_compat.signals import totp_created, totp_disabled, totp_recovery_succeeded
from ninja_totp import clock
from ninja_totp.core.otp import OtpParameters, code_at_step
from tests.support.people import PASSWORD


class Heard(list):
    """What was heard of some signals."""

    def __init__(self, *signals):
        super().__init__()
        self.signals = signals
        for signal in signals:
            signal.connect(self.hear)

    def hear(self, signal, user, **_):
        self.append((signal, user))

    def stop(self):
        for signal in self.signals:
            signal.disconnect(self.hear)


class TestProject(APITestCase):
    def setUp(self):
        self.user = get_user_model().objects.create_user("ada", "ada@example.org", PASSWORD)
        self.client.force_authenticate(self.user)
        self.heard = Heard(totp_created, totp_disabled, totp_recovery_succeeded)
        self.addCleanup(self.heard.stop)

    def enrol(self):
        secret = self.client.post("/drf/totp/create/").json()["secret"]
        code = code_at_step(secret, clock.now() // 30, OtpParameters())
        self.client.post("/drf/totp/confirm/", {"input_code": code})

    def test_receivers_hear_at_once(self):
        self.enrol()

        assert self.heard == [(totp_created, self.user)]

    def test_mail_is_in_the_outbox_at_once(self):
        self.enrol()
        self.client.post("/drf/totp/recovery/", {"email": "ada@example.org"})
        uid, token = mail.outbox[0].body.split("/totp-recovery/")[1].split()[0].split("/")

        body = {"uid": uid, "token": token, "password": PASSWORD, "new_password": "another"}
        answer = self.client.post("/drf/totp/recovery_confirm/", body)

        assert answer.status_code == 204
        assert [signal for signal, _ in self.heard] == [
            totp_created,
            totp_recovery_succeeded,
            totp_disabled,
        ]
        assert len(mail.outbox) == 2

    def test_what_a_view_of_the_project_rolls_back_is_not_heard(self):
        self.enrol()
        self.heard.clear()

        with transaction.atomic():
            self.client.post("/drf/totp/disable/")
            transaction.set_rollback(True)

        assert self.heard == []
