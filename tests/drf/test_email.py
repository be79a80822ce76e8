"""The documented messages, sent by a project itself, and what it can change about them."""

import pytest
from django.core import mail

from drf_compat.email import TotpDisabledEmail, TotpRecoveryEmail
from ninja_totp.core.errors import NotEnabled
from tests.support.people import PASSWORD


@pytest.fixture
def ada(ada):
    """Ada, with a second factor and an address."""
    ada.enrol()
    ada.user.email = "ada@example.org"
    ada.user.save()
    return ada


@pytest.fixture
def templates(settings, tmp_path):
    """A function that writes a template of the project's own."""
    (tmp_path / "email").mkdir()
    first, *others = settings.TEMPLATES
    settings.TEMPLATES = [first | {"DIRS": [tmp_path]}, *others]

    def write(name, text):
        (tmp_path / name).write_text(text)

    return write


def _link_in(message):
    path = message.body.split("http://localhost:3000/totp-recovery/")[1].split()[0]
    uid, token = path.split("/")
    return {"uid": uid, "token": token, "password": PASSWORD, "new_password": "another"}


def test_a_recovery_message_holds_a_link_that_works(ada, door, rf):
    sent = TotpRecoveryEmail(rf.get("/"), {"user": ada.user}).send([ada.user.email])

    answer = door.post("totp/recovery_confirm/", _link_in(mail.outbox[0]))

    assert sent == 1
    assert mail.outbox[0].to == ["ada@example.org"]
    assert answer.status == 204


def test_whoever_is_signed_in_is_meant_where_no_user_is_named(ada, rf):
    request = rf.get("/")
    request.user = ada.user

    TotpRecoveryEmail(request).send([ada.user.email])

    assert "account ada" in mail.outbox[0].body


@pytest.mark.parametrize("silently", [False, True])
def test_whether_a_failure_is_silent_is_djangos_to_know(ada, monkeypatch, silently):
    asked = []

    def send(self, fail_silently=False):
        asked.append(fail_silently)
        return 0

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", send)

    sent = TotpDisabledEmail(None, {"user": ada.user}).send([ada.user.email], silently)

    assert (sent, asked) == (0, [silently])


def test_no_request_is_needed(ada):
    TotpDisabledEmail(context={"user": ada.user}).send([ada.user.email])

    assert (
        mail.outbox[0].subject
        == "Two-factor authentication is off for your ninja-totp tests account"
    )


def test_each_message_ends_the_links_of_earlier_ones(ada, door):
    for _ in range(2):
        TotpRecoveryEmail(context={"user": ada.user}).send([ada.user.email])
    older, newer = map(_link_in, mail.outbox)

    assert door.post("totp/recovery_confirm/", older).status == 400
    assert door.post("totp/recovery_confirm/", newer).status == 204


def test_nobody_without_a_factor_recovers_one(ada, door):
    door.post("totp/recovery/", {"email": "nobody@example.org"})
    user = type(ada.user).objects.create_user("grace")

    with pytest.raises(NotEnabled):
        TotpRecoveryEmail(context={"user": user}).send(["grace@example.org"])


def test_text_and_html_are_sent_together(ada):
    TotpRecoveryEmail(context={"user": ada.user}).send([ada.user.email])

    (html,) = mail.outbox[0].alternatives
    assert html.mimetype == "text/html"
    assert '<a href="http://localhost:3000/totp-recovery/' in html.content


def test_the_settings_name_site_and_frontend(ada, settings):
    settings.SITE_NAME, settings.DOMAIN, settings.PROTOCOL = "Söhne & Co", "app.example", "https"
    settings.TOTP_RECOVERY_CONFIRM_URL = "/lost?u={uid}&t={token}"

    TotpRecoveryEmail(context={"user": ada.user}).send([ada.user.email])

    message = mail.outbox[0]
    assert message.subject == "Lost your authenticator for Söhne & Co?"
    assert "https://app.example/lost?u=" in message.body
    assert "&t=" in message.body
    assert "Söhne &amp; Co" in message.alternatives[0].content


def test_the_host_of_a_request_never_gets_into_a_link(ada, door):
    door.post("totp/recovery/", {"email": "ada@example.org"})

    assert "testserver" not in mail.outbox[0].body


@pytest.mark.parametrize("name", ["totp_recovery", "totp_disabled"])
def test_a_template_of_the_project_wins(ada, templates, name):
    templates(
        f"email/{name}.html",
        "{% block subject %}Hello {{ user.username }}{% endblock %}"
        "{% block text_body %}from {{ site_name }}{% endblock %}",
    )
    kind = {"totp_recovery": TotpRecoveryEmail, "totp_disabled": TotpDisabledEmail}[name]

    kind(context={"user": ada.user}).send([ada.user.email])

    message = mail.outbox[0]
    assert (message.subject, message.body) == ("Hello ada", "from ninja-totp tests")
    assert message.alternatives == []


def test_a_template_can_extend_ours_under_its_own_name(ada, templates):
    templates(
        "email/totp_disabled.html",
        '{% extends "email/totp_disabled.html" %}{% block subject %}Off{% endblock %}',
    )

    TotpDisabledEmail(context={"user": ada.user}).send([ada.user.email])

    assert mail.outbox[0].subject == "Off"
    assert "was turned off" in mail.outbox[0].body


def test_one_part_can_hold_another_and_text_between_them_is_left_out(ada, templates):
    templates("layout.html", "a layout {% block html_body %}{% endblock %} for all")
    templates(
        "email/totp_disabled.html",
        '{% extends "layout.html" %}'
        "{% block html_body %}<p>{% block text_body %}{{ more }}{% endblock %}</p>{% endblock %}",
    )

    TotpDisabledEmail(context={"user": ada.user, "more": "<3"}).send([ada.user.email])

    message = mail.outbox[0]
    assert (message.subject, message.body) == ("", "<3")
    assert message.alternatives[0].content == "<p>&lt;3</p>"


def test_a_template_knows_what_context_processors_say_but_not_against_us(ada, templates, rf):
    templates(
        "email/totp_disabled.html",
        "{% block text_body %}{{ user }} {{ request.path }}{% endblock %}",
    )
    request = rf.get("/")
    request.user = "somebody else"

    TotpDisabledEmail(request, {"user": ada.user}).send([ada.user.email])

    assert mail.outbox[0].body == "ada /"


def test_a_template_includes_another_one_of_the_project(ada, templates):
    templates("footer.txt", "the team")
    templates(
        "email/totp_disabled.html", '{% block text_body %}{% include "footer.txt" %}{% endblock %}'
    )

    TotpDisabledEmail(context={"user": ada.user}).send([ada.user.email])

    assert mail.outbox[0].body == "the team"


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("TOTP_RECOVERY_EMAIL_TEMPLATE", TotpRecoveryEmail),
        ("TOTP_DISABLED_EMAIL_TEMPLATE", TotpDisabledEmail),
    ],
)
def test_a_setting_names_another_template(ada, templates, settings, setting, kind):
    templates("other.html", "{% block subject %}Other{% endblock %}")
    setattr(settings, setting, "other.html")

    kind(context={"user": ada.user}).send([ada.user.email])

    assert mail.outbox[0].subject == "Other"


def test_a_subclass_names_another_template(ada, templates):
    templates("other.html", "{% block html_body %}<b>{{ more }}</b>{% endblock %}")

    class Other(TotpDisabledEmail):
        template_name = "other.html"

        def get_context_data(self):
            return super().get_context_data() | {"more": "more"}

    Other(context={"user": ada.user}).send([ada.user.email])

    assert mail.outbox[0].body == "<b>more</b>"
    assert mail.outbox[0].content_subtype == "html"


def test_a_subject_is_one_line(ada, templates):
    templates("email/totp_disabled.html", "{% block subject %}One\n\nline{% endblock %}")

    TotpDisabledEmail(context={"user": ada.user}).send([ada.user.email])

    assert mail.outbox[0].subject == "One line"


def test_sender_and_reply_address_can_be_given(ada):
    TotpDisabledEmail(context={"user": ada.user}).send(
        [ada.user.email], from_email="totp@example.org", reply_to=["help@example.org"]
    )

    assert mail.outbox[0].from_email == "totp@example.org"
    assert mail.outbox[0].reply_to == ["help@example.org"]


def test_the_sender_is_that_of_the_project(ada, settings):
    settings.DEFAULT_FROM_EMAIL = "site@example.org"

    TotpDisabledEmail(context={"user": ada.user}).send([ada.user.email])

    assert mail.outbox[0].from_email == "site@example.org"


@pytest.mark.parametrize(
    "templates", [[], [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]]
)
def test_a_project_without_templates_has_ours(ada, settings, templates):
    settings.TEMPLATES = templates

    TotpDisabledEmail(context={"user": ada.user}).send([ada.user.email])

    assert "is off" in mail.outbox[0].subject
