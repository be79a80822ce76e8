"""What a user who still owes a code gets to."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncClient, Client

from tests.middleware.conftest import MIDDLEWARE, PAGE
from tests.middleware.urls import SECRET
from tests.support.doors import DrfDoor, NinjaDoor


def test_the_page_that_asks_for_the_code(thief):
    answer = thief.get("/verify/?next=/members/")

    assert answer.status_code == 200
    assert 'name="code"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/accounts/logout/", "/admin/logout/"])
def test_logging_out(thief, enrolled, path):
    get_user_model().objects.filter(pk=enrolled.user.pk).update(is_staff=True)

    answer = thief.post(path)

    assert answer.status_code == 200
    assert "_auth_user_id" not in thief.session


@pytest.mark.parametrize("path", ["/open/", "/open/async/", "/open/class/", "/open/whole-class/"])
def test_views_that_say_so(thief, path):
    assert thief.get(path).content.decode() == "open"


def test_a_subclass_that_says_so_itself(thief):
    assert thief.get("/open/inherits/").content.decode() == SECRET


async def test_also_where_the_site_is_asynchronous(on_the_loop):
    paths = ("/open/", "/open/async/", "/open/class/", "/open/whole-class/")

    answers = [await on_the_loop.get(path, headers=PAGE) for path in paths]

    assert {answer.content.decode() for answer in answers} == {"open"}


@pytest.mark.parametrize("path", ["/health", "/hooks/", "/hooks/x", "/hooks/x/y/"])
def test_paths_that_the_site_names(thief, site, path):
    before = thief.get(path).status_code
    site.TOTP_EXEMPT_PATHS = ["/health", "/hooks/*"]

    assert (before, thief.get(path).content.decode()) == (302, SECRET)


def test_a_named_path_that_no_view_answers(thief, site):
    site.TOTP_EXEMPT_PATHS = ["/nothing/*"]

    assert thief.get("/nothing/here").status_code == 404


def test_the_sites_own_page_for_the_code(thief, site):
    site.TOTP_VERIFY_URL = "/health/own"

    assert thief.get("/members/")["Location"] == "/health/own?next=/members/"
    assert thief.get("/health/own").status_code == 200


def test_files_as_long_as_the_site_is_being_developed(thief, site):
    """In earnest, the view behind them may serve what only users may read."""
    before = thief.get("/media/pages.py")
    site.DEBUG = True
    answer = thief.get("/media/pages.py")
    answer.close()

    assert (before.status_code, answer.status_code) == (302, 200)


@pytest.mark.parametrize("api", [NinjaDoor(), DrfDoor()], ids=["ninja", "drf"])
def test_our_own_calls_which_have_rules_of_their_own(script, enrolled, api):
    answers = [
        script.get(f"{api.prefix}totp/status/"),
        script.get(f"{api.prefix}totp/events/"),
        script.post(f"{api.prefix}totp/disable/", {}, "application/json"),
        script.post(f"{api.prefix}totp/create/", {}, "application/json"),
        script.post(f"{api.prefix}jwt/create/", {}, "application/json"),
        script.post(f"{api.prefix}jwt/refresh/", {"refresh": "x"}, "application/json"),
        script.post(f"{api.prefix}totp/recovery/", {"email": "x@example.com"}, "application/json"),
        script.post(
            f"{api.prefix}totp/verify/", {"otp_code": enrolled.next_code()}, "application/json"
        ),
    ]

    invalid = api.invalid_status
    assert [answer.status_code for answer in answers] == [
        200,
        200,
        403,
        400,
        invalid,
        401,
        200,
        200,
    ]
    assert script.get("/members/").status_code == 200


def test_logging_in_anew_at_our_own_api(script, enrolled):
    body = {"username": "ada", "password": "correct horse battery staple"}
    step = script.post("/ninja/session/create/", body, "application/json").json()
    body = {"totp_challenge_token": step["totp_challenge_token"]}
    body |= {"otp_code": enrolled.next_code()}
    script.post("/ninja/session/totp/verify/", body, "application/json")

    assert script.get("/members/").status_code == 200


def test_nobody_in_particular_meets_the_site_as_it_is(db):
    assert Client(headers=PAGE).get("/members/").url == "/accounts/login/?next=/members/"
    assert Client().get("/health").content.decode() == SECRET


async def test_nor_does_an_asynchronous_site_ask_anything_of_them():
    """Without the fixture for it, a query would fail."""
    answer = await AsyncClient().get("/health")

    assert answer.content.decode() == SECRET


def test_a_session_of_nobody_is_none(db):
    browser = Client(headers=PAGE)
    session = browser.session
    session["basket"] = ["apples"]
    session.save()

    assert browser.get("/health").content.decode() == SECRET


def test_a_site_without_sessions_works(site):
    site.MIDDLEWARE = [MIDDLEWARE]

    assert Client().get("/health").content.decode() == SECRET


def test_paths_are_those_behind_the_prefix_of_the_script(thief, site):
    site.TOTP_EXEMPT_PATHS = ["/health"]

    assert thief.get("/health", SCRIPT_NAME="/app").status_code == 200
    assert thief.get("/members/", SCRIPT_NAME="/health").status_code == 302


def test_bearer_tokens_without_a_session_meet_the_guards_alone(enrolled):
    token = enrolled.log_in_with_code().token
    headers = {"Authorization": f"Bearer {token}"}

    assert Client().get("/ninja/totp/status/", headers=headers).status_code == 200
    assert Client().get("/health", headers=headers).status_code == 200


def test_a_user_without_a_factor(ada):
    browser = Client(headers=PAGE)
    browser.force_login(ada.user)

    assert browser.get("/members/").content.decode() == SECRET


@pytest.mark.parametrize(("age", "status"), [(None, 200), (60, 302), (61, 200)])
def test_a_proof_is_good_for_as_long_as_the_site_says(owner, site, clock, age, status):
    site.TOTP_SESSION_MAX_AGE = age
    assert owner.get("/members/").status_code == 200

    clock.advance(61)

    assert owner.get("/members/").status_code == status


@pytest.mark.parametrize(("max_age", "told"), [(None, 14 * 86_400), (600, 600)])
def test_a_program_is_told_how_old_a_proof_may_be(script, site, max_age, told):
    site.TOTP_SESSION_MAX_AGE, site.SESSION_COOKIE_AGE = max_age, 14 * 86_400

    assert script.get("/members/").json()["max_age"] == told


def test_a_proof_does_not_need_the_csrf_token(owner):
    """A view that wants none, such as the return from a payment, is none of our business."""
    strict = Client(enforce_csrf_checks=True, headers=PAGE)
    strict.cookies = owner.cookies

    assert strict.post("/members/form/").content.decode() == SECRET


def test_the_body_is_left_to_the_view(thief, owner, site):
    """Whoever reads `request.POST` takes the stream from the view."""
    site.TOTP_EXEMPT_PATHS = ["/members/form/"]

    assert thief.post("/members/form/", {"a": "b"}).content.decode() == SECRET


class TestWhereAFactorIsRequired:
    @pytest.fixture
    def late(self, ada, site):
        """A browser of a user who should have set a factor up by now."""
        browser = Client(headers=PAGE)
        browser.force_login(ada.user)
        site.TOTP_REQUIRED = "all"
        return browser

    def test_a_password_shows_no_page(self, late):
        answer = late.get("/members/")

        assert (answer.status_code, answer.json()["code"]) == (403, "enrolment_required")

    def test_it_leads_to_the_page_for_setting_one_up(self, late, site):
        site.TOTP_ENROL_URL = "/any/enrol"

        assert late.get("/members/")["Location"] == "/any/enrol?next=/members/"
        assert late.get("/any/enrol").content.decode() == SECRET

    def test_that_page_is_closed_to_users_who_owe_a_code(self, thief, site):
        site.TOTP_ENROL_URL = "/any/enrol"

        assert thief.get("/any/enrol")["Location"] == "/verify/?next=/any/enrol"

    def test_a_program_is_told(self, late, site):
        site.TOTP_ENROL_URL = "/any/enrol"

        answer = late.get("/members/", headers={"Accept": "application/json"})

        assert (answer.status_code, answer.json()["code"]) == (403, "enrolment_required")

    def test_the_grace_lets_them_in(self, late, site):
        site.TOTP_REQUIRED_GRACE = 3600

        assert late.get("/members/").status_code == 200

    def test_whom_the_rule_does_not_mean_gets_in(self, late, site):
        site.TOTP_REQUIRED = "staff"

        assert late.get("/members/").status_code == 200

    def test_the_own_calls_stay_open(self, late):
        assert late.get("/ninja/totp/status/").status_code == 200


def test_without_a_page_to_verify_on_a_browser_gets_the_challenge(thief, site):
    site.TOTP_VERIFY_URL = None

    answer = thief.get("/members/")

    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


def test_it_costs_one_query(owner, django_assert_num_queries):
    # The session, the user, and the account.
    with django_assert_num_queries(3):
        owner.get("/members/")


def test_it_costs_nobody_else_a_query(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get("/health")


@pytest.mark.parametrize(
    "paths",
    [
        "/health",
        ["health"],
        ["/*"],
        ["*"],
        ["/hooks*"],
        ["/a/*/b"],
        ["/a/../b"],
        ["/a/./"],
        ["//a"],
        ["/a//b"],
        ["/a?b"],
        ["/a#b"],
        ["/a%2e"],
        ["/a\\b"],
        [""],
        [None],
        {"/a": 1},
        None,
    ],
    ids=repr,
)
def test_a_path_that_would_open_more_than_it_says_is_refused(site, paths):
    from ninja_totp.conf import get_settings

    site.TOTP_EXEMPT_PATHS = paths

    with pytest.raises(ImproperlyConfigured, match="TOTP_EXEMPT_PATHS must be a list of paths"):
        get_settings()
