"""Pages and sentences are in plain English, and what people search for is found on the pages."""

import ast
import json
import re

import pytest

from tests.docs.pages import ROOT, page, pages

# The wordings of before are what this page is about.
PAGES = [one.path for one in pages() if one.path != "docs/explanation/wording.md"]
PAGES += ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md"]

# What a reader has to translate, or searches for in vain -> what to write.
BANNED = {
    r"anew|afresh|lately": "again, recently",
    r"thereof|thereby|whereby|hereby|hence|besides": "two sentences",
    r"somebody|whoever|whomever|who is meant|of whom": "someone, a user, anyone who",
    r"doors?": "API, endpoint",
    r"deeds?": "action",
    r"twins?": "async variant",
    r"hops?": "call in a thread",
    r"swap(s|ped|ping)?": "conditional update, exchange",
    r"standing": "authentication context",
    r"judg(e|es|ed|ing|ement|ment)s?|verdicts?": "check, result",
    r"of (yours|ours|theirs)": "your, our, their",
    r"of (its|their|your|my|our|his|her) own(?! (?!that|which|and|for|in|to|with|from)\w)": "your",
    r"in force|takes none|so that none|at the price (of|that)": "applies, so, but",
    r"have a say|be asked for a code": "may change, must enter a code",
    r"can not|(?-i:shall)|ought to": "cannot, must",
}
BANNED_WORDS = re.compile(rf"\b({'|'.join(BANNED)})\b", re.IGNORECASE)

# What people type into a search box -> the page that answers.
SEARCHED = {
    "2FA": "docs/how-to/require-a-second-factor.md",
    "MFA": "docs/how-to/require-a-second-factor.md",
    "enforce": "docs/how-to/require-a-second-factor.md",
    "mandatory": "docs/how-to/require-a-second-factor.md",
    "grace period": "docs/how-to/require-a-second-factor.md",
    "two-step": "docs/how-to/require-a-second-factor.md",
    "two-factor authentication": "docs/index.md",
    "remember this device": "docs/reference/http-api.md",
    "trusted device": "docs/reference/http-api.md",
    "step-up": "docs/how-to/guard-endpoints.md",
    "brute force": "docs/explanation/security.md",
    "lock-out": "docs/explanation/security.md",
    "account lockout": "docs/explanation/security.md",
    "rate limit": "docs/how-to/throttling-behind-a-proxy.md",
    "X-Forwarded-For": "docs/how-to/throttling-behind-a-proxy.md",
    "lost phone": "docs/how-to/help-a-user.md",
    "reset 2FA": "docs/how-to/help-a-user.md",
    "locked out": "docs/how-to/help-a-user.md",
    "unlock": "docs/how-to/help-a-user.md",
    "recover": "docs/how-to/recovery-by-mail.md",
    "rotate the encryption key": "docs/how-to/key-rotation.md",
    "upgrade": "docs/upgrading.md",
    "production": "docs/how-to/deploy.md",
    "clock": "docs/how-to/deploy.md",
    "SITE_NAME": "docs/how-to/deploy.md",
    "CORS": "docs/how-to/another-origin.md",
    "CSRF cookie": "docs/how-to/another-origin.md",
    "trusted_origins": "docs/how-to/another-origin.md",
    "expose_headers": "docs/how-to/another-origin.md",
    "single-page app": "docs/how-to/another-origin.md",
    "NinjaExtraAPI": "docs/how-to/mount-the-api.md",
    "controller": "docs/how-to/mount-the-api.md",
    "global auth": "docs/how-to/mount-the-api.md",
    "API versions": "docs/how-to/mount-the-api.md",
    "WSGI": "docs/how-to/mount-the-api.md",
    "gevent": "docs/how-to/mount-the-api.md",
    "eventlet": "docs/how-to/mount-the-api.md",
    "token/pair": "docs/how-to/mount-the-api.md",
    "LoginRequiredMiddleware": "docs/how-to/mount-the-api.md",
    "custom user model": "docs/how-to/custom-users.md",
    "admin": "docs/how-to/protect-every-page.md",
    "social login": "docs/how-to/protect-every-page.md",
    "passkey": "docs/how-to/own-login-view.md",
    "single sign-on": "docs/how-to/own-login-view.md",
    "HttpOnly": "docs/how-to/own-login-view.md",
    "authenticator app": "docs/tutorials/mobile.md",
    "QR code": "docs/tutorials/spa-typescript.md",
    "backup codes": "docs/reference/settings.md",
    "recovery codes": "docs/reference/settings.md",
    "without downtime": "docs/migrating/index.md",
    "go back": "docs/migrating/index.md",
    "allauth's login after the move": "docs/migrating/django-allauth.md",
    "phishing": "docs/explanation/threat-model.md",
    "replay": "docs/explanation/security.md",
    "audit log": "docs/reference/events.md",
    "NIST": "docs/explanation/standards.md",
    "ASVS": "docs/explanation/standards.md",
    "benchmark": "docs/explanation/performance.md",
}


def words_of(path):
    """What a reader reads: without code, comments and the targets of links."""
    prose = "\n".join(line for _, line in page(path).prose)
    return re.sub(r"`[^`\n]*`|<!--.*?-->|\]\([^)\s]*\)", "", prose, flags=re.DOTALL)


def strings_of(file):
    """The texts in a module that are no docstrings: messages, help, labels."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def text_of(template):
    """What a template shows: without tags of HTML or Django, scripts and styles."""
    hidden = r"<(script|style).*?</\1>|<[^>]*>|\{[{%#].*?[}%#]\}"
    return re.sub(hidden, "", template.read_text(encoding="utf-8"), flags=re.DOTALL)


def sentences_of(package):
    """What users, developers and operators read of a package, with its file."""
    for file in sorted((ROOT / package).rglob("*")):
        texts = strings_of(file) if file.suffix == ".py" else ()
        if file.suffix == ".html":
            texts = [text_of(file)]
        yield from ((file.relative_to(ROOT).as_posix(), text) for text in texts if " " in text)


def descriptions_in(document):
    """The descriptions and summaries of an OpenAPI document."""
    children = document.values() if isinstance(document, dict) else document
    for child in children if isinstance(document, (dict, list)) else ():
        yield from descriptions_in(child)
    if isinstance(document, dict):
        yield from (document.get("summary", ""), document.get("description", ""))


@pytest.mark.parametrize("package", ["ninja_totp", "drf_compat", "demo"])
def test_no_sentence_of_the_package_has_such_a_word(package):
    sentences = list(sentences_of(package))
    found = [(path, *match) for path, text in sentences for match in BANNED_WORDS.findall(text)]

    assert len(sentences) > 20
    assert found == []


def test_no_description_of_a_call_has_such_a_word():
    document = json.loads((ROOT / "tests/http/openapi.json").read_text(encoding="utf-8"))
    descriptions = [text for text in descriptions_in(document) if isinstance(text, str) and text]

    assert len(descriptions) > 100
    assert [text for text in descriptions if BANNED_WORDS.search(text)] == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_word_that_nobody_uses(path):
    found = [match[0] for match in BANNED_WORDS.finditer(words_of(path))]

    assert found == []


@pytest.mark.parametrize(("words", "path"), SEARCHED.items())
def test_what_people_search_for_is_on_the_page_that_answers(words, path):
    text = " ".join((ROOT / path).read_text(encoding="utf-8").split())

    assert words.casefold() in text.casefold()


def test_a_word_that_nobody_uses_would_be_noticed():
    assert [match[0] for match in BANNED_WORDS.finditer("A door of its own.")] == [
        "door",
        "of its own",
    ]
    assert not BANNED_WORDS.search("An outstanding doorbell SHALL ring, of its own accord")
