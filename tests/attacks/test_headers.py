"""Headers that a client writes itself, and that end up where somebody believes them.

allauth 65.14.2 (addresses, which test_guessing.py has), and links in mails that follow the Host
header, which OWASP's cheat sheet on forgotten passwords warns of.
"""

import json

import pytest
from django.core import mail
from django.test import Client

FORGED = {
    "host": "evil.example",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "gopher",
    "origin": "https://evil.example",
    "referer": "https://evil.example/",
}


@pytest.fixture
def anywhere(settings):
    """A site that answers to every name, and believes a proxy about it."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.USE_X_FORWARDED_HOST = True
    settings.TOTP_RECOVERY_DISPATCHER = "ninja_totp.emails.at_once"


def test_no_header_says_where_the_link_of_a_recovery_leads(client, ada, anywhere):
    ada.user.email = "ada@example.org"
    ada.user.save()

    Client(headers=FORGED).post(
        f"{client.prefix}totp/recovery/",
        json.dumps({"email": ada.user.email}),
        content_type="application/json",
    )

    (message,) = mail.outbox
    written = message.subject + message.body + str(message.alternatives)
    assert "http://localhost:3000/totp-recovery/" in message.body
    assert "evil.example" not in written
    assert "gopher" not in written


def test_no_header_names_another_issuer_in_the_authenticator(client, mallory, clock, anywhere):
    token = mallory.log_in_with_code()

    answer = Client(headers=FORGED).post(
        f"{client.prefix}totp/replace/", "", content_type="", headers=token.headers
    )

    assert answer.status_code == 201
    assert b"evil.example" not in answer.content
