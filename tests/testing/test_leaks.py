"""The guard against secrets in logs finds what is logged, and nothing else."""

import logging

import pytest

from ninja_totp import clock
from ninja_totp.core.provisioning import grouped
from ninja_totp.services import verify_totp_code
from ninja_totp.testing import LogWatch, assert_no_secrets_logged, enroll

pytestmark = pytest.mark.django_db

logger = logging.getLogger("mysite")


@pytest.fixture
def enrolment(django_user_model):
    return enroll(django_user_model.objects.create_user("ada"))


LEAKS = {
    "secret": lambda one: one.secret,
    "grouped secret": lambda one: grouped(one.secret),
    "secret in a link": lambda one: f"otpauth://totp/x?secret={one.secret}&issuer=y",
    "secret in small letters": lambda one: one.secret.lower(),
    "backup code": lambda one: one.backup_codes[3],
    "backup code in one": lambda one: one.backup_codes[3].replace("-", ""),
    "code": lambda one: f"code={one.code()};",
    "next code": lambda one: one.code(at=clock.now() + 30),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_found_and_not_repeated(enrolment, leak, totp_clock):
    text = LEAKS[leak](enrolment)

    with pytest.raises(AssertionError) as caught, assert_no_secrets_logged(enrolment):
        logger.debug("somebody typed %s", text)

    assert f"user {enrolment.user.pk}: mysite: somebody typed " in str(caught.value)
    assert text not in str(caught.value)


def fail(text):
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("it failed")


def test_tracebacks_are_looked_at_too(enrolment):
    with pytest.raises(AssertionError), assert_no_secrets_logged(enrolment):
        fail(enrolment.secret)


def test_so_are_fields(enrolment):
    with pytest.raises(AssertionError), assert_no_secrets_logged(enrolment):
        logger.debug("somebody typed it", extra={"typed": enrolment.secret})


def test_so_are_arguments_that_do_not_fit_the_message(enrolment):
    watch, words = LogWatch(), {"msg": "an attempt", "args": (enrolment.secret,), "name": "mysite"}
    watch.look_for(enrolment)

    watch.handle(logging.makeLogRecord(words))

    with pytest.raises(AssertionError):
        watch.assert_clean()


def test_a_logger_that_does_not_propagate_is_heard(enrolment):
    deaf = logging.getLogger("mysite.deaf")
    deaf.propagate = False

    with pytest.raises(AssertionError), assert_no_secrets_logged(enrolment):
        deaf.warning(enrolment.secret)

    assert not any(isinstance(one, LogWatch) for one in deaf.handlers)


def test_whoever_is_enrolled_inside_is_looked_for(django_user_model):
    with pytest.raises(AssertionError, match="the secret of user"), assert_no_secrets_logged():
        logger.info("%s", enroll(django_user_model.objects.create_user("bob")).secret)


def test_any_text_can_be_kept_out(enrolment):
    with pytest.raises(AssertionError, match="must not"), assert_no_secrets_logged("pass phrase"):
        logger.info("the pass phrase is")


def test_a_longer_number_is_no_code(enrolment, totp_clock):
    with assert_no_secrets_logged(enrolment):
        logger.info(f"1{enrolment.code()}2 rows")  # noqa: G004 - an argument would be a code


def test_what_the_package_logs_is_clean(enrolment):
    with assert_no_secrets_logged(enrolment) as watch:
        assert verify_totp_code(enrolment.user, enrolment.code())

    assert any("totp_verified" in line for line in watch._lines)


def test_the_levels_and_handlers_are_put_back(enrolment):
    root = logging.getLogger()
    before = (root.level, list(root.handlers))

    with pytest.raises(KeyError), assert_no_secrets_logged(enrolment):
        {}[logger.info(enrolment.secret)]

    assert (root.level, root.handlers) == before
