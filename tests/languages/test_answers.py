"""What a user reads, in the language that is active when the answer is made."""

import pytest
from django.core import mail
from django.utils import translation

from ninja_totp.conf.types import NOTICES
from ninja_totp.core.errors import (
    EnrolmentLocked,
    InvalidCode,
    InvalidEnrolmentCode,
    InvalidRecovery,
    Locked,
    TotpError,
)
from ninja_totp.emails import notice_message, recovery_message
from ninja_totp.http.errors import field_sentence, translated_body
from ninja_totp.models import Account, Authenticator, Event
from tests.contract import errors as contract
from tests.support.credentials import NOBODY

LANGUAGES = {
    "de": "Ungültiger 2FA-Code.",
    "es": "Código 2FA no válido.",
    "fr": "Code 2FA non valide.",
    "ja": "二要素認証コードが正しくありません。",
    "pt": "Código 2FA inválido.",
    "zh-hans": "双因素验证码无效。",
}


class In:
    """Somebody else's credential, in a language."""

    def __init__(self, language, credential=NOBODY):
        self._credential = credential
        self.headers = {**credential.headers, "Accept-Language": language}

    def send(self, method, url, **extra):
        headers = {**extra.pop("headers", {}), "Accept-Language": self.headers["Accept-Language"]}
        return self._credential.send(method, url, headers=headers, **extra)


def wrong(client, ada, language):
    body = {"totp_challenge_token": ada.challenge(), "otp_code": ada.wrong_code()}
    return client.post("jwt/totp/verify/", body, In(language))


@pytest.mark.parametrize(("language", "sentence"), LANGUAGES.items())
def test_an_error_is_in_the_language_of_the_request(client, ada, language, sentence):
    ada.enrol()

    answer = wrong(client, ada, language)

    assert answer.outcome == (400, {"detail": sentence, "code": "invalid_code"})


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de-AT", LANGUAGES["de"]), ("pt-BR", LANGUAGES["pt"]), ("zh-CN", LANGUAGES["zh-hans"])],
)
def test_a_variant_of_a_language_is_understood(client, ada, language, sentence):
    ada.enrol()

    assert wrong(client, ada, language).json["detail"] == sentence


@pytest.mark.parametrize("language", ["en", "en-GB", "tlh"])
def test_english_stays_as_it_is_documented(client, ada, language):
    ada.enrol()

    assert wrong(client, ada, language).outcome == contract.INVALID_CODE


def test_one_request_leaves_no_language_behind(client, ada):
    ada.enrol()
    wrong(client, ada, "de")

    assert ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code()).outcome == (
        contract.INVALID_CODE
    )


def test_a_missing_field_is_named_in_the_language_of_the_request(client):
    answer = client.post("totp/recovery/", {}, In("fr"))

    fields = answer.json.get("fields", answer.json)
    assert fields["email"][0].rstrip(".") == "Ce champ est obligatoire"


def test_two_proofs_are_refused_in_the_language_of_the_request(client, ada):
    body = {"otp_code": "1", "backup_code": "2"}

    answer = client.post("totp/verify/", body, In("de", ada.enrol()))

    fields = answer.json.get("fields", answer.json)
    assert "Geben Sie" in fields["non_field_errors"][0]


def test_an_address_that_is_none_is_refused_in_the_language_of_the_request(client):
    answer = client.post("totp/recovery/", {"email": "ada"}, In("es"))

    fields = answer.json.get("fields", answer.json)
    assert fields["email"] == ["Introduzca una dirección de correo electrónico válida."]


def test_whoever_asks_for_a_link_is_told_in_their_language(client):
    answer = client.post("totp/recovery/", {"email": "nobody@example.org"}, In("de"))

    assert answer.json["details"].startswith("Wenn es ein Konto mit dieser E-Mail-Adresse gibt")


def test_a_dead_link_is_called_so_in_both_places(client):
    body = {"uid": "MQ", "token": "x", "password": "y", "new_password": "z"}
    answer = client.post("totp/recovery_confirm/", body, In("de"))

    sentence = "Der Link zur Wiederherstellung ist ungültig oder abgelaufen."
    assert answer.outcome == (
        400,
        {"detail": sentence, "message": [sentence], "code": "invalid_recovery"},
    )


def test_a_user_is_mailed_in_the_language_of_the_request(
    client, ada, settings, django_capture_on_commit_callbacks
):
    settings.TOTP_NOTICES = NOTICES
    settings.SITE_NAME = "Example"
    ada.enrol()
    ada.user.email = "ada@example.org"
    ada.user.save()
    body = {"totp_challenge_token": ada.challenge(), "backup_code": ada.backup_codes[0]}

    with django_capture_on_commit_callbacks(execute=True):
        client.post("jwt/totp/verify/", body, In("de"))

    (message,) = mail.outbox
    assert message.subject == "Ein Ersatzcode Ihres Kontos bei Example wurde benutzt"
    assert "9 Ersatzcodes sind übrig." in message.body


@pytest.mark.parametrize(
    "error", [InvalidCode(), InvalidEnrolmentCode(), InvalidRecovery(), EnrolmentLocked()]
)
def test_the_core_speaks_english_alone(error):
    with translation.override("de"):
        assert error.detail == error.sentence
        assert translated_body(error)["detail"] != error.sentence
        assert translated_body(error)["code"] == error.code


def test_numbers_beside_the_sentence_stay():
    with translation.override("ja"):
        assert translated_body(Locked(30))["retry_after"] == 30


def test_a_sentence_of_the_site_is_shown_as_it_is():
    with translation.override("de"):
        assert translated_body(TotpError("Ring the desk."))["detail"] == "Ring the desk."
        assert translated_body(TotpError(""))["detail"] == ""


def test_what_pydantic_says_is_translated_with_its_number():
    error = {"type": "string_too_long", "msg": "as it was", "ctx": {"max_length": 32}}

    with translation.override("de"):
        assert field_sentence(error) == "Der Text darf höchstens 32 Zeichen lang sein"
    with translation.override("en"):
        assert field_sentence(error) == "as it was"


def test_what_pydantic_says_otherwise_stays():
    with translation.override("de"):
        assert field_sentence({"type": "rare", "msg": "as it was"}) == "as it was"


def lines(message):
    return {line.strip() for line in [message.subject, *message.body.splitlines()]}


@pytest.mark.parametrize("event", NOTICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_a_notice_is_left_in_english(django_user_model, settings, event, language):
    settings.SITE_NAME = "Example"
    ada = django_user_model(username="ada")

    said = {}
    for name in ("en", language):
        with translation.override(name):
            message = notice_message(event, ada, "a@b.c", address="::1", codes_left=2)
            said[name] = lines(message)

    assert said["en"] & said[language] == {"", "Example"}


@pytest.mark.parametrize("delay", [0, 3600])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_a_recovery_is_left_in_english(django_user_model, settings, delay, language):
    settings.SITE_NAME = "Example"
    settings.TOTP_RECOVERY_DELAY = delay
    ada = django_user_model(username="ada")

    said = {}
    for name in ("en", language):
        with translation.override(name):
            said[name] = lines(recovery_message(ada, "a@b.c", "uid", "token"))

    shared = said["en"] & said[language]
    assert {line for line in shared if not line.startswith("http://")} == {"", "Example"}


def test_the_labels_of_the_admin_are_translated():
    with translation.override("de"):
        assert str(Account._meta.verbose_name) == "Konto"
        assert str(Authenticator._meta.verbose_name) == "Authenticator"
        assert str(Authenticator.Type.TOTP.label) == "Authenticator-App"
        assert str(Account._meta.get_field("failures").verbose_name) == "falsche Codes in Folge"
        assert str(Event.Type.ENABLED.label) == "Zwei-Faktor-Authentifizierung eingeschaltet"
