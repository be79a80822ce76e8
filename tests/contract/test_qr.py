"""The QR code of a secret that waits for its confirmation, as a file."""

import pytest

from tests.contract.errors import NO_PENDING_ENROLMENT


@pytest.mark.parametrize(
    ("path", "media_type"), [("totp/qr.svg/", "image/svg+xml"), ("totp/qr.png/", "image/png")]
)
class TestQrCode:
    def test_the_pending_secret_can_be_seen_again(self, client, ada, path, media_type):
        credential = ada.log_in()
        ada.start(credential)

        answer = client.get(path, credential)

        assert answer.status == 200
        assert answer.headers["Content-Type"] == media_type
        assert answer.content.startswith((b"<svg", b"\x89PNG"))

    def test_there_is_none_before_an_enrolment(self, client, ada, path, media_type):
        answer = client.get(path, ada.log_in())

        assert answer.outcome == NO_PENDING_ENROLMENT

    def test_a_secret_in_use_is_never_shown(self, client, ada, path, media_type):
        credential = ada.enrol()

        answer = client.get(path, credential)

        assert answer.outcome == NO_PENDING_ENROLMENT

    def test_an_expired_secret_is_not_shown(self, client, ada, path, media_type):
        credential = ada.log_in()
        ada.start(credential)
        ada.clock.advance(600)

        answer = client.get(path, credential)

        assert answer.outcome == NO_PENDING_ENROLMENT

    def test_somebody_elses_is_not_shown(self, client, ada, grace, path, media_type):
        ada.start(ada.log_in())

        answer = client.get(path, grace.log_in())

        assert answer.outcome == NO_PENDING_ENROLMENT


def test_the_qr_code_is_that_of_create(client, ada):
    credential = ada.log_in()
    created = client.post("totp/create/", credential=credential)

    answer = client.get("totp/qr.svg/", credential)

    assert answer.content.decode() == created.json["svg"]
