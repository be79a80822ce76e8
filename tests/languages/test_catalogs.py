"""The catalogs: complete, up to date, and what the compiled ones say."""

import gettext
import os
import re
import shutil
import subprocess
import sys

import polib
import pytest
from django.utils.functional import Promise

from ninja_totp.admin import AccountAdmin
from ninja_totp.core import errors
from ninja_totp.models import (
    Account,
    Authenticator,
    BackupCode,
    Challenge,
    Event,
    TrustedDevice,
)
from tests.docs.pages import ROOT

LANGUAGES = ["de", "es", "fr", "ja", "pt", "zh_Hans"]
LEAVES = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, errors.TotpError) and one is not errors.TotpError
]
# The same word in both languages, and rightly so.
ALIKE = {"API", "type", "No", "%d minute"}
FIELDS = {field.name: field for field in Account._meta.concrete_fields}

_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}")
_DATE = re.compile(r'^"POT-Creation-Date: .*\n', re.MULTILINE)
every_language = pytest.mark.parametrize("locale", LANGUAGES)


def catalog(locale, root=ROOT):
    return root / "ninja_totp" / "locale" / locale / "LC_MESSAGES" / "django.po"


def sentences(locale):
    return polib.pofile(catalog(locale))


def forms(entry):
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


MARKED = {entry.msgid for entry in sentences("de")}


@pytest.fixture(scope="session")
def renewed(tmp_path_factory):
    """A copy of the packages after `make messages`."""
    if not shutil.which("xgettext") and os.environ.get("CI") != "true":
        pytest.skip("GNU gettext is not installed")
    copy = tmp_path_factory.mktemp("renewed")
    for package in ("ninja_totp", "drf_compat"):
        shutil.copytree(ROOT / package, copy / package)
    subprocess.run([sys.executable, ROOT / "scripts" / "messages.py"], cwd=copy, check=True)
    return copy


def test_the_languages_are_those_that_were_promised():
    found = sorted(path.parent.parent.name for path in catalog("de").parents[2].rglob("django.po"))

    assert found == LANGUAGES


@every_language
def test_a_catalog_is_as_make_messages_writes_it(locale, renewed):
    committed, written = (catalog(locale, root).read_text("utf-8") for root in (ROOT, renewed))

    assert _DATE.sub("", committed) == _DATE.sub("", written)


@every_language
def test_every_sentence_is_translated(locale):
    missing = [entry.msgid for entry in sentences(locale) if not entry.translated()]
    same = {entry.msgid for entry in sentences(locale) if entry.msgid in forms(entry)}

    assert missing == []
    assert same <= ALIKE


@every_language
def test_a_sentence_has_as_many_forms_as_the_language(locale):
    found = sentences(locale)
    number = int(re.match("nplurals=([0-9])", found.metadata["Plural-Forms"])[1])

    for entry in found:
        assert len(forms(entry)) == (number if entry.msgid_plural else 1), entry.msgid


@every_language
def test_placeholders_are_kept(locale):
    for entry in sentences(locale):
        text = entry.msgid
        for form in forms(entry):
            assert sorted(_PLACEHOLDER.findall(form)) == sorted(_PLACEHOLDER.findall(text)), text
            assert form.count("%") == text.count("%"), text


@every_language
def test_a_sentence_stays_one(locale):
    for entry in sentences(locale):
        for form in forms(entry):
            assert form == form.strip()
            assert "\n" not in form
            assert (entry.msgid[-1] == ".") == (form[-1] in ".。"), entry.msgid


@every_language
def test_what_django_reads_says_the_same(locale):
    with catalog(locale).with_suffix(".mo").open("rb") as file:
        translations = gettext.GNUTranslations(file)

    for entry in sentences(locale):
        if entry.msgid_plural:
            said = {translations.ngettext(entry.msgid, entry.msgid_plural, n) for n in range(5)}
            assert said == set(forms(entry))
        else:
            assert translations.gettext(entry.msgid) == entry.msgstr


@every_language
def test_what_django_reads_has_no_other_sentence(locale):
    compiled = polib.mofile(catalog(locale).with_suffix(".mo"))

    assert {entry.msgid for entry in compiled} == MARKED


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: error.__name__)
def test_the_sentence_of_an_error_is_marked(error):
    assert error.sentence in MARKED


@pytest.mark.parametrize(
    "model", [Account, Authenticator, BackupCode, Challenge, TrustedDevice, Event]
)
def test_the_labels_of_a_model_are_marked(model):
    fields = model._meta.concrete_fields
    labels = [field.verbose_name for field in fields if isinstance(field.verbose_name, Promise)]
    choices = [label for field in fields for _, label in field.choices or []]
    names = [model._meta.verbose_name, model._meta.verbose_name_plural]

    assert {str(text) for text in [*labels, *choices, *names]} <= MARKED


def test_the_admin_shows_no_column_without_a_marked_label():
    shown = {name for name in AccountAdmin.fields if name in FIELDS}

    assert shown
    assert all(isinstance(FIELDS[name].verbose_name, Promise) for name in shown)
