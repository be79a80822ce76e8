"""The hand-written SQL does what the ORM does, on every database."""

import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings, strategies as st

from ninja_totp.models import Account, Authenticator, BackupCode, Challenge, Event, second_step
from ninja_totp.models.second_step import Change
from ninja_totp.transactions import ConcurrentUpdate
from tests.models import oracle
from tests.support.breadth import breadth

pytestmark = pytest.mark.django_db

FEW = settings(
    max_examples=breadth(20, thorough=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NUMBERS = st.integers(0, 2**40)
SMALL = st.integers(0, 30_000)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
MOMENTS = st.none() | st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the time zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
USERS = st.builds(
    dict,
    username=TEXT.filter(bool),
    password=TEXT,
    email=TEXT,
    is_active=st.booleans(),
    is_staff=st.booleans(),
    last_login=MOMENTS,
)
ACCOUNTS = st.none() | st.builds(
    dict,
    version=NUMBERS,
    generation=NUMBERS,
    failures=SMALL,
    last_failure_epoch=NUMBERS,
    budget_full_epoch=NUMBERS,
    backup_failures=SMALL,
    failures_password=TEXT,
    reset_epoch=NUMBERS,
    confirmed_at=MOMENTS,
)
AUTHENTICATORS = st.lists(
    st.builds(
        dict,
        name=TEXT,
        secret=TEXT,
        digits=st.sampled_from([6, 8]),
        algorithm=st.sampled_from(["SHA1", "SHA256"]),
        window=st.none() | st.integers(0, 2),
        last_step=NUMBERS,
        confirmed_at=MOMENTS,
    ),
    max_size=4,
)
CHALLENGES = st.builds(
    dict,
    backend=TEXT,
    password_fingerprint=TEXT,
    generation=NUMBERS,
    attempts=SMALL,
    failures=SMALL,
    backup_failures=SMALL,
    expires_epoch=NUMBERS,
    consumed_at=MOMENTS,
    purpose=st.sampled_from(Challenge.Purpose.values),
)


def loaded(row):
    """The columns of a row that were read, and nothing of what is read when somebody asks."""
    if row is None:
        return None
    names = [field.attname for field in row._meta.concrete_fields]
    return {name: vars(row)[name] for name in names if name in vars(row)}


def within(part, whole):
    """Whether each of the loaded columns is that of the other row."""
    if part is None or whole is None:
        return part is whole
    return loaded(part).items() <= loaded(whole).items()


@FEW
@given(
    user=USERS,
    account=ACCOUNTS,
    authenticators=AUTHENTICATORS,
    challenge=CHALLENGES,
    asked=st.sampled_from(Challenge.Purpose.values),
)
def test_the_same_is_read(user, account, authenticators, challenge, asked):
    with transaction.atomic():
        owner = User.objects.create(**user)
        if account is not None:
            row = Account.objects.create(user=owner, **account)
            for one in authenticators:
                Authenticator.objects.create(account=row, key_id="0" * 8, **one)
        Challenge.objects.create(digest="d" * 64, user=owner, **challenge)

        by_hand, by_orm = second_step.read("d" * 64, asked), oracle.read("d" * 64, asked)

        transaction.set_rollback(True)

    assert (by_hand is None) == (by_orm is None)
    if by_hand is not None:
        assert loaded(by_hand.user) == loaded(by_orm.user)
        assert within(by_hand.challenge, by_orm.challenge)
        assert within(by_hand.account, by_orm.account)
        pairs = zip(by_hand.authenticators, by_orm.authenticators, strict=True)
        assert all(within(*pair) for pair in pairs)


PENDING = st.none() | st.builds(
    dict,
    name=TEXT,
    secret=TEXT,
    digits=st.sampled_from([6, 8]),
    window=st.none() | st.integers(0, 2),
    replaces=st.booleans(),
    supersedes=st.booleans(),
    expires_epoch=NUMBERS,
    begun_by=TEXT,
    failures=SMALL,
    failures_of_others=SMALL,
)


@FEW
@given(user=USERS, account=ACCOUNTS, confirmed=AUTHENTICATORS, pending=PENDING)
def test_the_same_enrolment_is_read(user, account, confirmed, pending):
    with transaction.atomic():
        owner = User.objects.create(**user)
        if account is not None:
            row = Account.objects.create(user=owner, **account)
            rows = [
                one | {"confirmed_at": one["confirmed_at"] or timezone.now()} for one in confirmed
            ]
            for one in rows if pending is None else [*rows, pending]:
                Authenticator.objects.create(account=row, key_id="0" * 8, **one)

        by_hand, by_orm = second_step.read_enrolment(owner), oracle.read_enrolment(owner)

        transaction.set_rollback(True)

    assert loaded(by_hand[0]) == loaded(by_orm[0])
    assert within(by_hand[1], by_orm[1])
    assert by_hand[1] is None or by_hand[1].account is by_hand[0]
    # The only ones that are not read tell when: nobody asks for them before it is confirmed.
    every = {field.attname for field in Authenticator._meta.concrete_fields}
    moments = {"created_at", "confirmed_at", "last_used_at"}
    assert by_hand[1] is None or set(loaded(by_hand[1])) == every - moments


def test_nobody_finds_a_challenge_by_a_wrong_digest(owner):
    owner.open_challenge()

    assert second_step.read("0" * 64, Challenge.Purpose.LOGIN) is None


KINDS = st.sampled_from(
    [[], [Event.Type.FAILED], [Event.Type.REPLAYED], [Event.Type.FAILED, Event.Type.LOCKED]]
)


def everything():
    """Every row that a second step writes; the moment and the key of a line are its own."""
    columns = ("user", "type", "method", "door", "address", "factor", "name")
    lines = Event.objects.order_by("pk").values(*columns)
    rows = (Account, Authenticator, BackupCode, Challenge)
    return [list(model.objects.order_by("pk").values()) for model in rows], list(lines)


def outcome(write, changes, lines):
    """What a write does, which is undone again: whether it conflicts, and all rows after it."""
    with transaction.atomic():
        try:
            write(changes, lines)
            conflicts = False
        except ConcurrentUpdate:
            conflicts = True
        after = everything()
        transaction.set_rollback(True)
    return conflicts, after


@st.composite
def writes(draw):
    """Which parts there are, which of them have changed since they were read, and what is new."""
    parts = draw(st.sets(st.sampled_from(["authenticator", "backup_code", "challenge"])))
    return {
        "parts": {"account", *parts},
        "stale": draw(st.sets(st.sampled_from(["account", *sorted(parts)]))),
        "number": draw(NUMBERS),
        "small": draw(SMALL),
        "at": draw(MOMENTS),
        "kinds": draw(KINDS),
        "about": {
            "address": draw(st.none() | st.ip_addresses().map(str)),
            "factor": draw(st.sampled_from(["", "totp"])),
            "name": draw(TEXT),
        },
    }


def changes_of(owner, drawn):
    """The changes to the owner's rows that were drawn, in the order in which all lock."""
    stale, at, version = drawn["stale"], drawn["at"], owner.account.version
    challenge = Challenge.objects.get(user=owner.user)
    code = BackupCode.objects.filter(user=owner.user).order_by("pk")[0].pk
    every = {
        "account": Change(
            Account,
            {"user": owner.user.pk, "version": version + ("account" in stale)},
            {"version": version + 1, "failures": drawn["small"], "last_used_at": at},
        ),
        "authenticator": Change(
            Authenticator,
            {"id": uuid.uuid4() if "authenticator" in stale else owner.totp.pk},
            {"last_step": drawn["number"], "last_used_at": at},
        ),
        "backup_code": Change(
            BackupCode,
            {"fingerprint": uuid.uuid4() if "backup_code" in stale else code, "used_at": None},
            {"used_at": at},
        ),
        "challenge": Change(
            Challenge,
            {
                "digest": challenge.pk,
                "attempts": challenge.attempts + ("challenge" in stale),
                "consumed_at": None,
            },
            {"attempts": drawn["small"], "consumed_at": at},
        ),
    }
    return [change for name, change in every.items() if name in drawn["parts"]]


@FEW
@given(drawn=writes())
def test_the_same_is_written(owner, drawn):
    with transaction.atomic():
        owner.open_challenge()
        changes = changes_of(owner, drawn)
        lines = [
            Event(user=owner.user, type=kind, method="otp", door="drf", **drawn["about"])
            for kind in drawn["kinds"]
        ]

        by_hand = outcome(second_step.write, changes, lines)
        by_orm = outcome(oracle.write, changes, lines)

        transaction.set_rollback(True)

    assert by_hand == by_orm
    assert by_hand[0] == bool(drawn["stale"])


def test_the_same_codes_are_unused(owner, other):
    BackupCode.objects.filter(user=other.user).update(used_at=None)
    owner.log_in(backup_code=owner.backup_codes[0])

    assert len(oracle.unused_codes(owner.user)) == len(owner.backup_codes) - 1
    assert second_step.unused_codes(owner.user) == oracle.unused_codes(owner.user)


CODES = st.lists(
    st.builds(
        BackupCode,
        fingerprint=st.uuids(version=4),
        ciphertext=TEXT,
        key_id=st.text("0123456789abcdef", min_size=8, max_size=8),
        used_at=MOMENTS,
    ),
    unique_by=lambda code: code.pk,
    max_size=12,
)
MANY = [BackupCode(fingerprint=uuid.UUID(int=n, version=4), key_id="0" * 8) for n in range(1, 121)]


@FEW
@example(codes=MANY)
@given(codes=CODES)
def test_the_same_codes_replace_the_old_ones(owner, other, codes):
    stored = []
    for replace in (second_step.replace_codes, oracle.replace_codes):
        for code in codes:
            code.user = owner.user
        with transaction.atomic():
            replace(owner.user, codes)
            stored.append(list(BackupCode.objects.order_by("user", "pk").values()))
            transaction.set_rollback(True)

    assert stored[0] == stored[1]
    assert len(stored[0]) == len(codes) + len(other.backup_codes)
