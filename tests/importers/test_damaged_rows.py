"""What somebody has edited, or a newer version of a package has written, at four packages.

tests/fuzz/test_parsers.py tries more of it.
"""

import json

import pytest

from ninja_totp.importers import peers
from ninja_totp.importers.found import ImportedFactor, Refused, checked
from ninja_totp.importers.peers import found_by
from ninja_totp.importers.sources import allauth_mfa, dj_rest_auth_mfa, django_mfa, mfa2
from tests.importers.rows import GOOD, HASHED, KEPT, SECRET, holding, owner_of, rows_of


def found_in(source, *authenticators, codes):
    """What is carried over of a user with these documents."""
    with holding(source, rows_of(1, *authenticators, codes=codes)):
        (found,) = found_by(source.SOURCE, [owner_of(source, 1)])
    return checked(found) if isinstance(found, ImportedFactor) else found


@pytest.mark.parametrize("source", GOOD)
def test_a_good_row_is_carried_over(source):
    totp, codes = GOOD[source]

    kept = found_in(source, totp, codes=codes)

    assert kept.secret == SECRET
    assert (*kept.backup_codes, *kept.lost_codes) == (KEPT[source],)
    assert kept.notes == ()


@pytest.mark.parametrize("source", GOOD)
@pytest.mark.parametrize("document", [{}, None, [], "x", 1, {"secret": None, "secret_key": 7}])
def test_who_has_no_readable_secret_is_refused_alone(source, document):
    totp, codes = GOOD[source]
    rows = [
        *rows_of(1, totp, codes=codes),
        *rows_of(2, document, codes=codes),
        *rows_of(3, totp, codes=codes),
    ]

    with holding(source, rows):
        found = list(found_by(source.SOURCE, [owner_of(source, pk) for pk in (1, 2, 3)]))

    kept = [checked(one) if isinstance(one, ImportedFactor) else one for one in found]
    assert [type(one) for one in kept] == [ImportedFactor, Refused, ImportedFactor]


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        (allauth_mfa, None),
        (allauth_mfa, {"a-valid-key": "x"}),
        (dj_rest_auth_mfa, {}),
        (dj_rest_auth_mfa, {"seed": ""}),
        (dj_rest_auth_mfa, {"seed": "zz" * 32}),
        (dj_rest_auth_mfa, {"seed": "5e" * 32, "used_mask": None}),
        (django_mfa, None),
        (django_mfa, {}),
        (django_mfa, {"codes": {"a-valid-key": "x"}, "migrated_plaintext": True}),
        (django_mfa, {"codes": [HASHED], "used": ["0"]}),
        (django_mfa, {"codes": [HASHED], "used": {"0": True}}),
        (mfa2, {}),
        (mfa2, {"secret_keys": {HASHED: 1}}),
    ],
)
def test_damaged_codes_are_lost_and_the_authenticator_is_not(source, codes):
    kept = found_in(source, GOOD[source][0], codes=codes)

    assert kept.secret == SECRET
    assert kept.backup_codes == ()
    assert "codes" in " ".join(kept.lost_codes)


def test_a_hash_is_no_code_that_can_be_typed():
    codes = {"codes": [HASHED], "migrated_plaintext": "false"}

    kept = found_in(django_mfa, GOOD[django_mfa][0], codes=codes)

    assert kept.backup_codes == ()
    assert kept.lost_codes == (KEPT[django_mfa],)


def test_another_key_does_where_one_is_damaged():
    kept = found_in(mfa2, {}, {"secret_key": SECRET}, codes={"secret_keys": []})

    assert kept.secret == SECRET
    assert kept.notes == ("TOTP 1: its secret is no base32 of at least 112 bits (it has 0 bits)",)


def test_a_row_that_the_database_cannot_read_refuses_its_user_alone():
    def factors(owners):
        if 2 in owners:
            json.loads("1" * 5000)  # more digits than Python reads
        return iter([ImportedFactor(owner, SECRET) for owner in owners])

    source = peers.Source("name", "title", list, factors)

    first, second, third = found_by(source, [1, 2, 3])

    assert (first.user_pk, third.user_pk) == (1, 3)
    assert second.user_pk == 2
    assert second.reason.startswith("rows of a shape that is not known (ValueError in ")


@pytest.mark.parametrize("source", [mfa2, dj_rest_auth_mfa])
def test_a_report_has_the_key_of_a_user_whom_the_package_knows_by_name(source, monkeypatch):
    # dj-rest-auth-mfa, the plug-in, keeps its factors in django-mfa2's tables.
    monkeypatch.setattr(dj_rest_auth_mfa, "_is_the_plug_in", lambda: True)
    rows = rows_of(1, GOOD[mfa2][0], codes=GOOD[mfa2][1])
    rows[0].added_on = "yesterday"

    with holding(mfa2, rows):
        (refused,) = found_by(source.SOURCE, ["user 1"])

    assert refused.user_pk == 1
    assert "AttributeError" in refused.reason


def test_the_reason_names_the_place_and_quotes_nothing():
    totp = {"secret": "a-secret-of-another-signature"}

    refused = found_in(django_mfa, [totp], codes=None)

    assert refused.reason.startswith(
        "rows of a shape that is not known (TypeError in django_mfa.py, line "
    )
    assert "a-secret" not in refused.reason
