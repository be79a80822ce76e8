"""Every case against both packages in one process, and against what the guide says about it."""

import re
from importlib.metadata import version

import pytest
from django.conf import settings as django_settings

if "django_totp" not in django_settings.INSTALLED_APPS:
    pytest.skip(
        "NOTHING WAS COMPARED with django-totp, which needs Python 3.13: make test-compat does",
        allow_module_level=True,
    )

from django.core import mail

from tests.compat.cases import CASES
from tests.compat.side import Side
from tests.compat.table import Row, seen
from tests.compat.their_suite import DIFFERENT
from tests.docs.pages import ROOT, codes, table_under

GUIDE = "docs/migrating/django-totp.md"
UNLIMITED = django_settings.TOTP_THROTTLE_RATE
DIFFERENCES = {
    (codes(row["endpoint"])[0], row["case"]): row for row in table_under(GUIDE, "What differs")
}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Of django-totp and what it uses.
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture
def answer_of(monkeypatch, settings):
    """A function that puts a case to one of the packages."""

    def ask(package, case):
        mail.outbox.clear()
        with monkeypatch.context() as patches:
            side = Side(package, patches, settings)
            side.limit(UNLIMITED)  # the package before may have been given another rate
            return seen(case.run(side))

    return ask


def test_the_guide_counts_the_cases():
    assert f" {len(CASES)} times" in (ROOT / GUIDE).read_text()


def test_the_guide_names_the_tests_of_django_totp_that_fail_here():
    guide = (ROOT / GUIDE).read_text()
    assert all(name.rpartition("::")[2] in guide for name in DIFFERENT)


def test_it_is_the_version_that_the_guide_speaks_of():
    assert version("django-totp") == "1.1.7"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_answers_are_equal_but_for_what_the_guide_lists(case, rows, answer_of):
    theirs, ours = answer_of("django_totp", case), answer_of("drf_compat", case)

    row = rows[str(case)] = Row(case.endpoint, case.name, theirs, ours)
    is_listed = (case.endpoint, case.name) in DIFFERENCES

    assert row.is_equal != is_listed, f"{theirs}\n{ours}"


@pytest.mark.parametrize("where", DIFFERENCES, ids=": ".join)
def test_what_the_guide_says_of_a_difference_is_right(where, rows, answer_of):
    shown = DIFFERENCES[where]
    case = next(case for case in CASES if (case.endpoint, case.name) == where)
    theirs, ours = answer_of("django_totp", case), answer_of("drf_compat", case)

    # django-totp has no codes: its status is all, or the status and its sentence.
    assert shown["django-totp"] in {_in_words(*theirs), str(theirs[0]), _with_detail(*theirs)}
    assert shown["drf_compat"] == _in_words(*ours)


def _in_words(status, body):
    """An outcome as the guide writes it: all of what a client decides by."""
    match status, body:
        case None, list():
            return _list_in_words(body)
        case None, bool() | str():
            return f"`{str(body).partition(':')[0]}`"
        case None, _:
            return str(body)
        case _, {"code": code}:
            return f"{status} `{code}`"
    return str(status)


def _list_in_words(body):
    if all("@" in text for text in body):
        return ["no mail", "one mail", "two mails"][len(body)]
    return "with `api-root`" if "api-root" in body else "without"


def _with_detail(status, body):
    """The same of an error without a code; seconds to wait are cut off."""
    detail = body.get("detail", "") if isinstance(body, dict) else ""
    return f'{status} "{re.sub(r" Expected available.*", " ...", detail)}"'
