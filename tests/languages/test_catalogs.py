"""The catalogs: complete, up to date, and what the compiled ones say."""

import gettext
import re

import pytest
from django.utils.functional import Promise

from ninja_totp.admin import TotpAdmin
from ninja_totp.core import errors
from ninja_totp.models import BackupCode, Challenge, Event, Totp, TrustedDevice
from scripts.messages import LANGUAGES, catalog, compiled, marked_messages, read, written

MARKED = marked_messages()
LEAVES = [getattr(errors, name) for name in errors.__all__]
# The same word in both languages, and rightly so.
ALIKE = {"type", "No"}
FIELDS = {field.name: field for field in Totp._meta.concrete_fields}

_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}")
every_language = pytest.mark.parametrize("locale", LANGUAGES)


def entries(locale):
    return read(catalog(locale).read_text(encoding="utf-8"))


def sentences(locale):
    return {text: entry for text, entry in entries(locale).items() if text}


def test_the_languages_are_those_that_were_promised():
    found = {path.parent.parent.name for path in catalog("de").parents[2].rglob("django.po")}

    assert found == set(LANGUAGES) == {"de", "es", "fr", "ja", "pt", "zh_Hans"}


@every_language
def test_a_catalog_has_every_marked_sentence_and_no_other(locale):
    assert sentences(locale).keys() == MARKED.keys()


@every_language
def test_a_catalog_is_as_the_script_writes_it(locale):
    found = sentences(locale)

    assert catalog(locale).read_text(encoding="utf-8") == written(locale, found)
    assert {text: entry.places for text, entry in found.items()} == {
        text: message.places for text, message in MARKED.items()
    }


@every_language
def test_every_sentence_is_translated(locale):
    missing = [text for text, entry in sentences(locale).items() if not entry.is_translated]
    same = [text for text, entry in sentences(locale).items() if text in entry.forms]

    assert missing == []
    assert set(same) <= ALIKE


@every_language
def test_a_sentence_has_as_many_forms_as_the_language(locale):
    number = int(LANGUAGES[locale][1].removeprefix("nplurals=")[0])

    for text, entry in sentences(locale).items():
        assert entry.plural == MARKED[text].plural
        assert len(entry.forms) == (number if entry.plural else 1), text


@every_language
def test_placeholders_are_kept(locale):
    for text, entry in sentences(locale).items():
        for form in entry.forms:
            assert sorted(_PLACEHOLDER.findall(form)) == sorted(_PLACEHOLDER.findall(text)), text
            assert form.count("%") == text.count("%"), text


@every_language
def test_a_sentence_stays_one(locale):
    for text, entry in sentences(locale).items():
        for form in entry.forms:
            assert form == form.strip()
            assert "\n" not in form
            assert (text[-1] == ".") == (form[-1] in ".。"), text


@every_language
def test_what_django_reads_says_the_same(locale):
    with catalog(locale).with_suffix(".mo").open("rb") as file:
        translations = gettext.GNUTranslations(file)

    for text, entry in sentences(locale).items():
        if entry.plural:
            said = {translations.ngettext(text, entry.plural, number) for number in range(5)}
            assert said == set(entry.forms)
        else:
            assert translations.gettext(text) == entry.forms[0]


@every_language
def test_what_django_reads_is_compiled_from_the_catalog(locale):
    path = catalog(locale)

    assert path.with_suffix(".mo").read_bytes() == compiled(entries(locale))


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: error.__name__)
def test_the_sentence_of_an_error_is_marked(error):
    assert error.sentence in MARKED


@pytest.mark.parametrize("model", [Totp, BackupCode, Challenge, TrustedDevice, Event])
def test_the_labels_of_a_model_are_marked(model):
    fields = model._meta.concrete_fields
    labels = [field.verbose_name for field in fields if isinstance(field.verbose_name, Promise)]
    choices = [label for field in fields for _, label in field.choices or []]
    names = [model._meta.verbose_name, model._meta.verbose_name_plural]

    assert {str(text) for text in [*labels, *choices, *names]} <= MARKED.keys()


def test_the_admin_shows_no_column_without_a_marked_label():
    shown = {name for name in TotpAdmin.fields if name in FIELDS}

    assert shown
    assert all(isinstance(FIELDS[name].verbose_name, Promise) for name in shown)


def test_a_fuzzy_entry_is_no_translation():
    (entry,) = read('#, fuzzy\nmsgid "a"\nmsgstr "b"').values()

    assert entry.forms == ["b"]
    assert not entry.is_translated


def test_an_entry_may_stand_on_several_lines():
    (entry,) = read('#: x.py\n#, python-format\nmsgid ""\n"a\\n"\n"b"\nmsgstr ""\n"c"').values()

    assert (entry.text, entry.forms, entry.places) == ("a\nb", ["c"], ["x.py"])


def test_an_entry_without_a_translation_is_not_compiled():
    assert compiled(read('msgid "a"\nmsgstr ""')) == compiled({})
