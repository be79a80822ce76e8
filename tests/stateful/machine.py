"""Everything that can happen to two accounts, in any order; and what holds whatever happened."""

from itertools import count
from typing import ClassVar

import pytest
from django.contrib.auth import get_user, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ninja_totp import models, services
from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.core.errors import (
    EnrolmentRequired,
    LastAuthenticator,
    NotEnrolled,
    SecondFactorRequired,
)
from ninja_totp.http.issuers import Automatic
from ninja_totp.http.second_factor import require_second_factor
from ninja_totp.services.verify import counters_of
from tests.stateful.actors import DOORS, Site
from tests.stateful.history import METHODS, Account, Key, Link
from tests.stateful.typing_in import CODES, PROOFS, SINGLE_PROOFS
from tests.support.clock import START, StoppedClock

__all__ = ["MAX_AGE", "Histories"]

MOST = 3  # authenticators of a user
MAX_AGE, LINK_MAX_AGE = 300, 3600  # of the project's own endpoint, of a link of recovery
_numbers = count()
_requests = RequestFactory()

door = st.sampled_from(DOORS)
who = st.sampled_from([0, 1])
ACTS = st.sampled_from(["creates", "confirms", "steps up", "disables", "refreshes", "looks"])
authority = st.one_of(st.just(""), SINGLE_PROOFS)  # a code, or the credential's own standing
which = st.integers(min_value=0, max_value=30)
beginnings = st.sampled_from([(True, True), (True, True), (True, False), (False, False)])
seconds = st.sampled_from(
    [1, 29, *[30] * 6, 31, 60, 60, 120, 301, 601, 901, 3_601, 90_000, 31 * 86_400]
)


def _account() -> Account:
    name = f"user-{next(_numbers)}"
    users = get_user_model().objects
    user = users.create_user(name, f"{name}@example.org", password="password 0")
    return Account(person=user, password="password 0")


def _user(account: Account):
    return get_user_model().objects.get(pk=account.person.pk)


class Histories(RuleBasedStateMachine):
    """One site with two accounts. `clock` is the one in the package's place."""

    clock: ClassVar[StoppedClock]

    def __init__(self) -> None:
        super().__init__()
        self.clock.seconds = START
        self.site = Site(self.clock, [_account(), _account()])
        self.links: list[Link] = []

    def _key(self, number: int) -> Key:
        return self.site.keys[-1 - number % len(self.site.keys)]

    def _users(self):
        return get_user_model().objects.in_bulk([one.person.pk for one in self.site.accounts])

    @initialize(enrolled=beginnings)
    def begin(self, enrolled):
        for account, is_enrolled in zip(self.site.accounts, enrolled, strict=True):
            self.site.give_password(account, DOORS[0], None, "")
            if is_enrolled:
                self.site.create(self.site.keys[-1], DOORS[0])
                self.site.confirm(self.site.keys[-1], DOORS[0], "now")
                self.clock.advance(30)

    @rule(who=who, door=door)
    def gives_the_password(self, who, door):
        self.site.give_password(self.site.accounts[who], door, None, "")

    @precondition(lambda self: self.site.challenges)
    @rule(number=which, door=door, how=PROOFS, trusts=st.booleans())
    def answers_a_challenge(self, number, door, how, trusts):
        challenges = self.site.challenges
        challenge = challenges[-1 - number % len(challenges)]
        name = f"device {len(self.site.devices)}" if trusts else ""
        self.site.answer_challenge(challenge, door, how, name)

    @precondition(lambda self: self.site.devices)
    @rule(number=which, door=door, uses_older=st.booleans())
    def returns_on_a_device(self, number, door, uses_older):
        device = self.site.devices[-1 - number % len(self.site.devices)]
        token = device.tokens[0 if uses_older else -1]
        self.site.give_password(device.account, door, device, token)

    @rule(who=who, door=door, uses_older=st.booleans())
    def trusts_a_device(self, who, door, uses_older):
        """What seldom comes about step by step: a login, and two more by the device it trusts."""
        account, number = self.site.accounts[who], len(self.site.devices)
        self.clock.advance(30)
        self.site.give_password(account, door, None, "")
        if account.factor is not None:
            self.site.answer_challenge(self.site.challenges[-1], door, "now", f"device {number}")
        if len(self.site.devices) > number:
            self.returns_on_a_device(0, door, uses_older=False)
            self.returns_on_a_device(0, door, uses_older)

    @precondition(lambda self: self.site.devices)
    @rule(number=which)
    def revokes_a_device(self, number):
        device = self.site.devices[-1 - number % len(self.site.devices)]
        user = _user(device.account)
        for one in services.trusted_devices(user):
            if one.name == device.name:
                services.revoke_trusted_device(user, one.id)
                device.is_revoked = True

    @rule(who=who, how=PROOFS)
    def opens_a_browser(self, who, how):
        self.site.open_browser(self.site.accounts[who], how)

    @rule(number=which, door=door)
    def starts_to_enrol(self, number, door):
        self.site.create(self._key(number), door)

    @rule(number=which, door=door, how=CODES)
    def confirms(self, number, door, how):
        self.site.confirm(self._key(number), door, how)

    @rule(who=who)
    def gets_a_token_of_the_project(self, who):
        self.site.gets_token_of_the_project(self.site.accounts[who])

    @rule(number=which, other=which, door=door, act=ACTS, how=CODES)
    def another_credential_acts_between_two_calls(self, number, other, door, act, how):
        """The owner enrols; whoever has another credential of the account acts meanwhile."""
        owner = self._key(number)
        account, site = owner.account, self.site
        rivals = [key for key in site.keys if key.account is account and key is not owner]
        site.create(owner, door)
        mine = account.pending
        if rivals and mine is not None:
            rival = rivals[other % len(rivals)]
            {
                "creates": lambda: site.create(rival, door),
                "confirms": lambda: site.confirm(rival, door, how),
                "steps up": lambda: site.verify(rival, door, how),
                "disables": lambda: self._disable(rival, door, how),
                "refreshes": lambda: rival.refresh and site.refresh(rival, door),
                "looks": lambda: site.look(rival, door, mine),
            }[act]()
            self.clock.advance(30)
            site.confirm(owner, door, "now", mine=mine)

    def _disable(self, key, door, how):
        if self.site.change(key, door, "totp/disable/", how) is not None:
            key.account.ends()

    @rule(number=which, door=door, how=SINGLE_PROOFS)
    def steps_up(self, number, door, how):
        self.site.verify(self._key(number), door, how)

    @rule(number=which, door=door, how=authority)
    def disables(self, number, door, how):
        self._disable(self._key(number), door, how)

    @rule(number=which, door=door, how=authority)
    def replaces(self, number, door, how):
        key = self._key(number)
        answer = self.site.change(key, door, "totp/replace/", how)
        if answer is not None:
            self.site.got_secret(key.account, answer)

    @rule(number=which, door=door)
    def moves_to_another_phone(self, number, door):
        """What seldom comes about step by step: a new factor while proofs of the last are fresh."""
        self.replaces(number, door, "now")
        self.clock.advance(30)
        self.site.confirm(self._key(number), door, "now")

    @rule(number=which, door=door, how=authority)
    def adds_an_authenticator(self, number, door, how):
        key = self._key(number)
        if len(key.account.authenticators) < MOST:
            answer = self.site.change(key, door, "totp/authenticators/", how, name="spare")
            if answer is not None:
                self.site.got_secret(key.account, answer, is_added=True)

    @rule(number=which, door=door)
    def gets_another_authenticator(self, number, door):
        """What seldom comes about step by step: one more, while challenges are open."""
        account = self._key(number).account
        if account.factor is not None:
            self.site.give_password(account, door, None, "")
        self.adds_an_authenticator(number, door, "now")
        self.clock.advance(30)
        self.site.confirm(self._key(number), door, "now")

    @rule(number=which, door=door, how=authority, which_one=which)
    def removes_an_authenticator(self, number, door, how, which_one):
        key = self._key(number)
        if key.account.others:
            listed = services.list_authenticators(_user(key.account))
            chosen = which_one % len(listed)
            path = f"totp/authenticators/{listed[chosen].id}/"
            if self.site.change(key, door, path, how) is not None:
                key.account.loses(chosen)

    @rule(who=who)
    def cannot_remove_the_last_authenticator(self, who):
        account = self.site.accounts[who]
        if account.factor is not None and not account.others:
            (last,) = services.list_authenticators(_user(account))
            with pytest.raises(LastAuthenticator):
                services.remove_authenticator(_user(account), last.id)

    @rule(number=which, door=door, how=authority)
    def rotates_backup_codes(self, number, door, how):
        key = self._key(number)
        answer = self.site.change(key, door, "totp/rotate_backup_codes/", how)
        if answer is not None:
            key.account.gets_codes(answer.json["backup_codes"])

    @rule(number=which, door=door)
    def refreshes(self, number, door):
        key = self._key(number)
        if key.refresh:
            self.site.refresh(key, door)

    @rule(who=who)
    def changes_the_password(self, who):
        account = self.site.accounts[who]
        if account.factor is not None:  # which a challenge must not outlive
            self.site.give_password(account, DOORS[0], None, "")
        account.gets_new_password()
        account.password = f"password {account.passwords}"
        user = _user(account)
        user.set_password(account.password)
        user.save()
        if self.site.challenges:
            self.site.answer_challenge(self.site.challenges[-1], DOORS[0], "now", "")

    @rule(who=who)
    def is_mailed_a_link(self, who):
        account = self.site.accounts[who]
        if account.factor is None:
            return
        link = services.generate_recovery_link(_user(account))
        for one in self.links:
            one.is_used |= one.account is account
        body = {"uid": link.uid, "token": link.token}
        until = self.clock.now() + LINK_MAX_AGE
        number = account.factor_number
        self.links.append(Link(account, body, number, account.passwords, until, LINK_MAX_AGE))

    @precondition(lambda self: self.links)
    @rule(number=which, door=door, knows_the_password=st.booleans())
    def follows_a_link(self, number, door, knows_the_password):
        link = self.links[-1 - number % len(self.links)]
        account = link.account
        body = {
            "password": account.password if knows_the_password else "a guess",
            "new_password": f"password {account.passwords + 1}",
        }
        answer = door.post("totp/recovery_confirm/", link.body | body)

        is_open = link.is_open(self.clock.now())
        link.attempts += is_open
        assert (answer.status == 204) is (is_open and knows_the_password)
        if answer.status == 204:
            link.is_used = True
            account.is_taken_away(self.clock.now())
            account.gets_new_password()
            account.password = body["new_password"]

    @rule(who=who)
    def is_reset_by_an_operator(self, who):
        account = self.site.accounts[who]
        try:
            services.reset_totp(_user(account), actor="the tests", reason="lost the phone")
        except NotEnrolled:
            assert account.factor is account.pending is None
            return
        account.is_taken_away(self.clock.now())
        account.is_forgiven()
        for device in self.site.devices:
            device.is_revoked |= device.account is account

    @rule(who=who)
    def is_unlocked_by_an_operator(self, who):
        account = self.site.accounts[who]
        if models.Account.objects.filter(user=account.person).exists():
            services.unlock_totp(_user(account), actor="the tests", reason="called")
            account.is_forgiven()

    @rule(seconds=seconds)
    def time_passes(self, seconds):
        self.clock.advance(seconds)

    @rule(seconds=st.sampled_from([1, 1, 1, 30, 45, 600]))
    def the_clock_is_set_back(self, seconds):
        self.clock.advance(-seconds)

    @invariant()
    def no_credential_has_a_standing_that_its_history_does_not_justify(self):
        users = self._users()
        for key in self.site.keys:
            is_let_in = _opens(key, users[key.account.person.pk])
            assert is_let_in is key.is_justified(self.clock.now(), MAX_AGE)

    @invariant()
    def nothing_but_what_was_allowed_to_has_switched_a_factor_on_or_off(self):
        for account in self.site.accounts:
            rows = models.Account.objects.filter(user=account.person, confirmed_at__isnull=False)
            assert [row.is_enabled for row in rows] == [True] * (account.factor is not None)

    @invariant()
    def as_many_authenticators_are_in_use_as_were_confirmed(self):
        users = self._users()
        for account in self.site.accounts:
            status = services.totp_status(users[account.person.pk])
            assert status.authenticators == len(account.authenticators) <= MOST
            is_locked = account.is_locked("otp", self.clock.now())
            assert status.is_locked is is_locked or account.factor is None

    @invariant()
    def no_failure_is_forgotten_but_by_a_rule(self):
        users = self._users()
        rows = models.Account.objects.in_bulk(users)
        for account in self.site.accounts:
            pk = account.person.pk
            if pk in rows:
                assert _counted(rows[pk], users[pk]) == _written_down(account)

    @invariant()
    def as_many_backup_codes_are_left_as_were_not_used(self):
        for account in self.site.accounts:
            left = models.BackupCode.objects.filter(user=account.person, used_at=None)
            assert left.count() == len(account.codes)

    @invariant()
    def no_device_is_trusted_but_those_that_were(self):
        users = self._users()
        for account in self.site.accounts:
            trusted = services.trusted_devices(users[account.person.pk])
            theirs = [one for one in self.site.devices if one.account is account]
            assert {one.name for one in trusted} == {
                one.name for one in theirs if one.is_trusted(self.clock.now())
            }


def _opens(key: Key, user) -> bool:
    """Whether the guard lets a request in that comes with the credential."""
    request = _requests.post("/transfers/", headers=dict(key.credential.headers))
    if key.is_session:
        request.session = SessionStore(key.credential.session_key)
        if get_user(request) != user:
            return False
    return _is_guarded_by(request, user)


def _is_guarded_by(request: HttpRequest, user) -> bool:
    try:
        require_second_factor(request, user, Automatic(), max_age=MAX_AGE)
    except (EnrolmentRequired, SecondFactorRequired):
        return False
    return True


def _written_down(account: Account) -> dict[str, tuple[int, int, int]]:
    return {
        method: (account.in_a_row[method], account.last_wrong_at[method], account.whole_at[method])
        for method in METHODS
    }


def _counted(row: models.Account, user) -> dict[str, tuple[int, int, int]]:
    return {
        method: (one.consecutive_failures, one.last_failure_at, one.budget_full_at)
        for method, one in counters_of(row, password_fingerprint(user.password)).items()
    }
