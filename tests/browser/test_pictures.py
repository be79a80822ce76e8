"""Walks past everything that the documentation has a picture of, and takes the pictures.

What is seen on the way is checked in words as well: a picture of the wrong page would not be
noticed otherwise. Moments are fixed, so that a picture changes only when the page does.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from ninja_totp.models import Account, BackupCode, Event
from tests.browser.phone import scan
from tests.browser.pictures import NAMES, Album
from tests.browser.visitor import Visitor
from tests.support.cast import PASSWORD, Owner, enrolled, new_user
from tests.support.clock import StoppedClock

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE, NARROW = (1660, 740), (480, 740)
DEMO = {name for name in NAMES if name.startswith("demo-")}
# (days before "now", what happened, by which proof)
HISTORY = (
    (211, Event.Type.ENABLED, ""),
    (96, Event.Type.BACKUP_CODE_USED, "backup_code"),
    (96, Event.Type.REPLACED, ""),
    (2, Event.Type.FAILED, "otp"),
    (1, Event.Type.REPLAYED, "otp"),
    (0, Event.Type.LOCKED, "otp"),
)


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album(tmp_path / "pictures")


@pytest.fixture
def staff_visitor(
    _chromium: "Chrome", downloads: Path, live_server: Any, settings: Any
) -> Iterator[Visitor]:
    """A user in front of the admin of a project, on a larger screen."""
    from tests.browser.chromium import in_new_window

    settings.ROOT_URLCONF = "tests.browser.urls"
    settings.STATIC_ROOT = Path(admin.__file__).with_name("static")
    with in_new_window(_chromium, downloads):
        visitor = Visitor(_chromium, live_server.url)
        visitor.use_screen(*WIDE)
        visitor.prefer("light")
        yield visitor
        assert visitor.strangers() == set()
        assert visitor.complaints() == []


@pytest.fixture
def members(transactional_db: None, clock: StoppedClock) -> list[Owner]:
    """Three members of different fortunes: well, locked, and without backup codes."""
    users = get_user_model()
    well, locked, careless = (
        enrolled(new_user(users, name), clock) for name in ("ada", "grace", "alan")
    )
    now = datetime.fromtimestamp(clock.now(), UTC)
    for days, owner in ((340, well), (211, locked), (34, careless)):
        rows = Account.objects.filter(pk=owner.user.pk)
        since, used = now - timedelta(days=days), now - timedelta(days=1)
        rows.update(created_at=since, confirmed_at=since, last_used_at=used)
    Account.objects.filter(pk=locked.user.pk).update(failures=100)
    BackupCode.objects.filter(user=careless.user).update(used_at=now)
    _tell(locked.user, now)
    return [well, locked, careless]


def _tell(user: Any, now: datetime) -> None:
    Event.objects.filter(user=user).delete()
    for days, kind, method in HISTORY:
        line = Event.objects.create(user=user, type=kind, method=method, door="ninja")
        rows: QuerySet[Event] = QuerySet(Event)  # lines are append-only for everybody else
        rows.filter(pk=line.pk).update(created_at=now - timedelta(days=days, minutes=7))


def _sign_in(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    visitor.fill("Username:", "operator")
    visitor.fill("Password:", PASSWORD)
    visitor.choose("Log in")


@pytest.fixture
def operator(members: list[Owner], clock: StoppedClock) -> Owner:
    """A superuser with a second factor, who has logged in by the password."""
    user = get_user_model().objects.create_superuser("operator", "operator@example.org", PASSWORD)
    owner = enrolled(user, clock)
    now = datetime.fromtimestamp(clock.now(), UTC)
    Account.objects.filter(pk=user.pk).update(confirmed_at=now - timedelta(days=400))
    clock.advance(60)
    return owner


def test_pictures_of_the_demo(visitor: Visitor, album: Album) -> None:
    def take(name: str) -> None:
        album.keep(name, visitor.whole_page())

    visitor.use_screen(*NARROW)
    visitor.prefer("light")
    visitor.sign_in()
    visitor.press("Set up two-step sign-in")
    visitor.arrives_at("Add your authenticator")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    take("demo-enrol")
    visitor.enter_code(phone.code(), then="Confirm")
    visitor.arrives_at("Save your backup codes")
    take("demo-backup-codes")
    visitor.save_codes()
    visitor.press("Log out")
    visitor.sign_in()
    visitor.arrives_at("Second step")
    take("demo-second-step")

    assert set(album.taken) == DEMO


def test_pictures_of_the_admin(
    staff_visitor: Visitor, members: list[Owner], operator: Owner, album: Album
) -> None:
    visitor = staff_visitor
    _, locked, _ = members

    def take(name: str) -> None:
        album.keep(name, visitor.whole_page())

    visitor.use_screen(*NARROW)
    _sign_in(visitor, "/admin/")
    visitor.open("/admin-verify/")
    visitor.reads("authenticator")
    visitor.field("Log out")
    take("admin-second-step")
    visitor.use_screen(*WIDE)
    Account.objects.filter(pk=operator.user.pk).update(last_used_at=operator.account.confirmed_at)
    visitor.open("/admin/ninja_totp/account/")
    visitor.reads("4 accounts")
    visitor.reads("staff unlock it")
    take("admin-list")
    visitor.open(f"/admin/ninja_totp/account/{locked.user.pk}/change/")
    visitor.reads("Latest events")
    visitor.reads("used code entered again")
    take("admin-detail")
    visitor.open("/admin/ninja_totp/account/")
    visitor.ticks(str(locked.user.pk))
    visitor.runs("Reset two-factor authentication")
    visitor.reads("The password alone will be enough")
    take("admin-reset")
    visitor.use_screen(*NARROW)
    visitor.open("/verify/")
    visitor.reads("Two-factor authentication")
    take("verify-page")

    assert set(album.taken) == set(NAMES) - DEMO
