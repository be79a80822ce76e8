"""Every check of the project, each in an environment of its own: `nox --list` names them.

`make` is a short way to call these sessions, and CI runs those with the tag "check". Versions are
those of requirements/, which `nox -s lock` brings up to date; `lowest`, `matrix` and `prerelease`
choose their own. What stands behind `--` goes to pytest: `nox -s test -- -k clock`.
"""

import os
import re
import shutil
import socket
from functools import partial
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["test"]
nox.options.download_python = "never"

# What pyenv has installed is found, also where it is not switched on.
PYENV = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
INSTALLED = sorted(path.name for path in PYENV.glob("versions/3.1[1-9].*"))
os.environ.setdefault("PYENV_VERSION", ":".join(INSTALLED))

# Images of containers often set it. Each of the hundreds of processes that the tests start would
# then compile every module that it imports, and pytest would rewrite every plugin's.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

JOBS = os.environ.get("JOBS", "2")
CI = os.environ.get("CI") == "true"
DATABASE = os.environ.get("TOTP_TEST_DATABASE", "sqlite")
EXTRAS = ".[drf,spectacular,jwt,simplejwt,prometheus,demo]"
GROUPS = nox.project.load_toml("pyproject.toml")["dependency-groups"].keys()
TYPED = ("ninja_totp", "drf_compat", "demo", "scripts", "torture", "tests/typing")

# A process without tests left takes some from the other: a few tests take very long.
PYTEST = ("pytest", "--numprocesses", JOBS if JOBS != "1" else "0", "--dist", "worksteal")
IN_ONE_PROCESS = ("pytest", "--numprocesses", "0")
# What a database can break: races, transactions, conditional updates, constraints, queries and how
# they compare text, and what is written. The rest is tested once, on SQLite.
ON_DATABASES = (
    *("tests/races", "tests/models", "tests/recovery", "tests/services", "tests/commands"),
    *(f"--ignore=tests/services/test_{name}.py" for name in ("settings", "twins", "issuers")),
    *(f"--ignore=tests/services/test_{name}.py" for name in ("checks", "session_issuer")),
    *("--ignore=tests/races/test_interleaved.py", "--ignore=tests/commands/test_help.py"),
    *("--ignore=tests/recovery/test_background.py", "tests/drf/test_atomic_requests.py"),
    *(f"tests/importers/test_{name}.py" for name in ("command", "writer")),
    *(f"tests/admin/test_{name}.py" for name in ("actions", "history", "list")),
    *(f"tests/attacks/test_{name}.py" for name in ("callers_transactions", "guessing", "tables")),
    *("tests/attacks/test_replay.py", "tests/attacks/test_replicas.py", "tests/contract"),
    "tests/custom_user",
    # Both APIs call the same services, so one of them shows what the database does.
    *("-k", "not (contract and drf)"),
)
# What sends a command to the cache: throttles, and sessions that are kept there. Other tests have
# no throttle, or one whose cache is their own.
ON_REDIS = (
    *("tests/contract/test_strangers.py", "tests/contract/test_recovery.py"),
    *("tests/drf/test_throttles.py", "tests/http/test_whom_the_throttle_counts.py"),
    *("tests/http/test_host_handlers.py", "tests/guarding/test_verify_page.py"),
    *("tests/recovery/test_ended_access.py", "tests/testing/test_helpers.py"),
)
# What is written, and what two that write at once are told.
WRITTEN = ("tests/models", "tests/services/test_transactions.py", "tests/races/test_use_once.py")
# Our own policy: who is locked out and for how long, and what ends which credential.
_POLICY = ("lockout", "floods", "change", "standing", "after_recovery", "overtaken")
_BUT_POLICY = (
    *(f"--ignore=tests/contract/test_{name}.py" for name in _POLICY),
    "--ignore=tests/services/test_policy.py",
)
# What another version of Python, Django or a library of an API can break: not races, attacks,
# fuzzing or the core, which imports next to nothing, nor our own policy.
ON_OTHER_VERSIONS = (
    *("tests/contract", "tests/services", *_BUT_POLICY, "tests/admin", "tests/commands"),
    *("tests/drf", "--ignore=tests/drf/test_conformance.py"),
    *("tests/testing", "tests/middleware", "--ignore=tests/middleware/test_attacks.py"),
)
# Those and what stands closest to a library: the OpenAPI document, which old versions of Pydantic
# broke, ciphers and QR codes, users whose key is no number, and packages that log in.
ON_LOWEST = (
    *ON_OTHER_VERSIONS,
    *("tests/core/test_encryption.py", "tests/core/test_otp.py", "tests/core/test_provisioning.py"),
    *(f"tests/http/test_{name}.py" for name in ("openapi", "calls", "bodies", "mounting")),
    *(f"tests/http/test_{name}.py" for name in ("async_variants", "host_handlers", "importing")),
    *(f"tests/http/test_{name}.py" for name in ("throttle", "token_cookies", "device_cookie")),
    *("tests/custom_user", "tests/other_packages"),
)
# Every code block of README.md and docs/, on the oldest and on the newest versions. The locked ones
# of `test` lie between these two, and would break nothing else.
CODE_BLOCKS = "tests/docs/test_code_blocks.py"
# And the demo, whose mails are set up otherwise since Django 6.1. The README and the tutorials are
# followed by `test_wheel`, with the newest that their readers get.
ON_NEWEST = (
    *(*ON_OTHER_VERSIONS, CODE_BLOCKS, "tests/demo/test_start.py"),
    *("-k", "not (every_block_does and (README or tutorials or login-view))"),
)
# What both its neighbours pass, a version between them breaks at most where it is called for a
# request, a page or a command; CI runs the rest in the other pairs with this Django.
ON_BETWEEN = ("tests/contract", *_BUT_POLICY, "tests/admin", "tests/commands")
# django-mfa2 and django-mfa3 are both called "mfa".
PEERS = {
    "peers": "django_totp django_otp two_factor allauth_mfa drf_totp django_mfa trench mfa2 "
    "dj_rest_auth_mfa drf_jwt_2fa",
    "peers-mfa3": "mfa3",
}
# Every supported pair of Python and Django; `make check` runs those with its tag, and CI all.
NEWEST, BETWEEN = ("3.13", "6.1"), ("3.12", "6.0")
CHECKED = {BETWEEN, NEWEST}
MATRIX = [
    nox.param(
        *(python, django),
        id=f"python{python}-django{django}",
        tags=["check"] * ((python, django) in CHECKED),
    )
    for python in ("3.11", "3.12", "3.13", "3.14")
    for django in ("5.2", "6.0", "6.1")
    if (python, django) not in {("3.11", "6.0"), ("3.11", "6.1")}
]

check = partial(nox.session, tags=["check"])


def _install(session: nox.Session, *groups: str, locked: str = "development") -> None:
    """Install the project with its extras and these groups, in the locked versions."""
    named = (f"--group={group}" for group in groups)
    versions = ("--constraint", f"requirements/{locked}.txt")
    session.install(*versions, "--editable", EXTRAS, *named)


def _require(session: nox.Session, *, programs: str = "", services: str = "") -> None:
    """Skip what this machine cannot run, and say why. In CI that is a failure."""
    missing = [f"no {name} on PATH" for name in programs.split() if not shutil.which(name)]
    missing += [reason for name in services.split() if (reason := _silence(name))]
    if missing:
        (session.error if CI else session.skip)(", ".join(missing))


def _silence(service: str) -> str:
    """Return what is wrong with a service, "" when it answers."""
    usual = {"POSTGRES": 5432, "MARIADB": 3306, "REDIS": 6379}[service]
    host = os.environ.get(f"TOTP_TEST_{service}_HOST", "127.0.0.1")
    port = int(os.environ.get(f"TOTP_TEST_{service}_PORT", usual))
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        return f"nothing answers at {host}:{port} ({error.strerror})"
    return ""


# In the order in which `nox --parallel 2 --tags check` starts them: the longest ones first, so that
# neither of the two processes has much left when the other is done.


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests on SQLite, but for the code blocks of the documentation."""
    _install(session, "test")
    session.run(*PYTEST, f"--ignore={CODE_BLOCKS}", *session.posargs)


@check(allow_parallel=True)
def coverage(session: nox.Session) -> None:
    """Report on the branches that `make test OPTIONS=--cov` reached."""
    session.install("--constraint", "requirements/development.txt", "coverage")
    session.run("coverage", "report", "--fail-under=97")
    session.run("coverage", "report", "--fail-under=100", "--include=ninja_totp/core/*")


@check(allow_parallel=True, python="3.11", reuse_venv=False)
def test_lowest(session: nox.Session) -> None:
    """Run the tests on the oldest versions that pyproject.toml allows."""
    _install_others(session, "--resolution=lowest-direct")
    session.run(*PYTEST, *ON_LOWEST, CODE_BLOCKS)


@nox.session(allow_parallel=True)
@nox.parametrize("python, django", MATRIX)
def test_matrix(session: nox.Session, django: str) -> None:
    """Run the tests on one Python with one Django: `make test-python3.13-django6.1`."""
    _install_others(session, f"Django~={django}.0")
    chosen = {NEWEST: ON_NEWEST, BETWEEN: ON_BETWEEN}
    tests = chosen.get((str(session.python), django), ON_OTHER_VERSIONS)
    session.run(*PYTEST, *tests, *session.posargs)


@check(allow_parallel=True)
def test_guarantees(session: nox.Session) -> None:
    """Make each sentence of the guarantees untrue, and expect its test to fail."""
    _install(session, "test")
    session.run(*PYTEST, "-m", "untrue", "tests/docs/test_guarantees.py", *session.posargs)


@check(allow_parallel=True)
def test_browser(session: nox.Session) -> None:
    """Walk through the demo in Chromium, and look at it with axe-core."""
    _require(session, programs="chromium chromedriver npm")
    _install(session, "test", "browser")
    with session.chdir("tests/browser"):
        session.run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", external=True)
    session.run(*PYTEST, "-m", "browser", "tests/browser", *session.posargs)


@check(allow_parallel=True)
def docs(session: nox.Session) -> None:
    """Build the documentation as a site."""
    _install(session, "test", "docs")
    session.run(*IN_ONE_PROCESS, "-m", "site", "tests/docs/test_site.py")


@check(allow_parallel=True)
def test_postgres(session: nox.Session) -> None:
    """Run the tests that a database can break on PostgreSQL."""
    _test_database(session, "postgres")
    variables = {"TOTP_TEST_DATABASE": "postgres"}
    session.run(*IN_ONE_PROCESS, "tests/world/test_worlds.py", "-k", "tenants", env=variables)


@check(allow_parallel=True)
def test_psycopg2(session: nox.Session) -> None:
    """Run what is written to the database on PostgreSQL, with the older driver."""
    _require(session, services="POSTGRES")
    _install(session, "test", "psycopg2")
    variables = {
        "TOTP_TEST_DATABASE": "postgres",
        "TOTP_TEST_DATABASE_NAME": "ninja_totp_psycopg2",
    }
    session.run(*PYTEST, *WRITTEN, *session.posargs, env=variables)


@check(allow_parallel=True)
def test_mariadb(session: nox.Session) -> None:
    """Run the same tests on MariaDB."""
    _test_database(session, "mariadb")


def _test_database(session: nox.Session, database: str) -> None:
    _require(session, services=database.upper())
    _install(session, "test", database)
    variables = {"TOTP_TEST_DATABASE": database}
    session.run(*PYTEST, *ON_DATABASES, *session.posargs, env=variables)


@check(allow_parallel=True)
def test_redis(session: nox.Session) -> None:
    """Run the tests that use a cache, with Redis."""
    _require(session, services="REDIS")
    _install(session, "test", "redis")
    session.run(*IN_ONE_PROCESS, *ON_REDIS, env={"TOTP_TEST_CACHE": "redis"})


@check(allow_parallel=True)
def test_typescript(session: nox.Session) -> None:
    """Build and use the TypeScript client, and clients of generators, from both documents."""
    _require(session, programs="node npm chromium chromedriver")
    _install(session, "test", "browser", "clients")
    with session.chdir("clients/generators"):
        session.run("npm", "ci", "--loglevel=error", external=True)
    session.run(*IN_ONE_PROCESS, "-m", "typescript", "tests/browser", "tests/clients", CODE_BLOCKS)


# On the newest Python, for which pip installs the newest Django, as for most newcomers.
@check(allow_parallel=True, python=NEWEST[0])
def test_wheel(session: nox.Session) -> None:
    """Build the distribution and use it in an empty project."""
    _install(session, "test", "packaging")
    session.run(*IN_ONE_PROCESS, "-m", "packaging", "tests/packaging", CODE_BLOCKS)


@check(allow_parallel=True, python="3.13")
def test_importers_mfa2(session: nox.Session) -> None:
    """Carry users over from the packages that can be installed side by side."""
    Path(".coverage-importers").unlink(missing_ok=True)
    _carry_over(session, "peers")


@check(allow_parallel=True, python="3.13", requires=["test_importers_mfa2"])
def test_importers(session: nox.Session) -> None:
    """Carry users over from every package, and report what of the sources that reached."""
    _carry_over(session, "peers-mfa3")
    settings = "tests/importers/coveragerc"
    append = ("--cov", "--cov-append", f"--cov-config={settings}", "--cov-report=")
    # It needs none of the packages, and is here for what it reaches of the sources.
    session.run("pytest", *append, "tests/importers/test_damaged_rows.py")
    session.run("coverage", "report", "--rcfile", settings, "--fail-under=97")


def _carry_over(session: nox.Session, group: str) -> None:
    _install(session, "test", group, locked=group)
    variables = {"TOTP_TEST_PEERS": PEERS[group]}
    session.run("pytest", "-rs", "tests/importers/test_peers.py", env=variables)


@check(allow_parallel=True, python="3.13")
def test_compat(session: nox.Session) -> None:
    """Ask django-totp 1.1.7 and this package the same, and run its own tests against this one."""
    _install(session, "test", locked="peers")
    session.install("--constraint", "requirements/peers.txt", "django-totp")
    session.run(*IN_ONE_PROCESS, "--ds=tests.compat.settings", "tests/compat")
    if suite := _suite_of_django_totp(session):
        # None of the options of this project: what is collected there has other names.
        options = ("-c", os.devnull, "--rootdir", suite, "-o", "python_classes=Test* Post*")
        ours = ("-p", "tests.compat.their_suite", "--ds=tests.compat.their_settings")
        paths = {"PYTHONPATH": "tests/compat/stand_in:."}
        session.run("pytest", *options, *ours, "-rx", f"{suite}/src/tests", env=paths)


def _suite_of_django_totp(session: nox.Session) -> str:
    """Return a checkout of django-totp; its tests are in no distribution. "" without network."""
    checkout = os.environ.get("DJANGO_TOTP_CHECKOUT", "build/django-totp")
    if not Path(checkout).exists():
        source = ("--branch", "v1.1.7", "https://github.com/QcialDotCom/django-totp", checkout)
        clone = ("git", "clone", "--quiet", "--depth", "1", *source)
        session.run(*clone, external=True, success_codes=[0, 128])
    if not Path(checkout).exists():
        session.warn("NOT RUN: the tests of django-totp itself, which are on GitHub alone")
        return ""
    return checkout


@nox.session(python="3.13", reuse_venv=False)
def test_prerelease(session: nox.Session) -> None:
    """Run the tests on a Django that `test_matrix` does not know yet, pre-releases included."""
    version = _install_others(session, "Django>=6.1a1")
    if re.fullmatch(rf"{re.escape(NEWEST[1])}(\.\d+)?", version):
        session.skip(f"Django {version} is the newest, and is tested by test_matrix")
    session.run(*PYTEST, *ON_OTHER_VERSIONS)


def _install_others(session: nox.Session, *requirements: str) -> str:
    """Install the project and its tests with other versions than the locked; return Django's."""
    groups = ["test", *({DATABASE} & GROUPS)]
    named = (f"--group={group}" for group in groups)
    session.install("--editable", EXTRAS, *named, *requirements)
    version = str(session.run("python", "-m", "django", "--version", silent=True)).strip()
    session.log(f"Django {version}")
    return version


@check(allow_parallel=True)
def test_deployment(session: nox.Session) -> None:
    """Run the site of the page on deploying, behind nginx."""
    _require(session, services="POSTGRES REDIS", programs="nginx psql")
    _install(session, "test", "deployment")
    session.run(*IN_ONE_PROCESS, "-m", "deployment", CODE_BLOCKS)


@check(allow_parallel=True)
def lint(session: nox.Session) -> None:
    """Look for mistakes, and for what `format` would change."""
    session.install("--constraint", "requirements/development.txt", "--group=lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@check(allow_parallel=True)
def types(session: nox.Session) -> None:
    """Check the types."""
    _install(session, "typing", "nox")
    session.run("mypy", *TYPED, "noxfile.py")


@check(allow_parallel=True)
def imports(session: nox.Session) -> None:
    """Check which module may import which."""
    _install(session, "lint")
    session.run("lint-imports", "--no-logo")
    session.run("lint-imports", "--no-logo", "--config", ".importlinter-drf_compat.toml")


@check(allow_parallel=False)
def torture_short(session: nox.Session) -> None:
    """Attack and break real servers on real databases, one server for each."""
    _torture(session, "--short")


@nox.session
def torture(session: nox.Session) -> None:
    """The same at every server (20 to 30 minutes)."""
    _torture(session)


def _torture(session: nox.Session, *options: str) -> None:
    _install(session, "test", "torture")
    lenient = [] if CI else ["--lenient"]
    session.run("python", "-m", "torture", *options, *lenient, *session.posargs)


# What `make check` leaves out: it changes files, takes long, or measures.


@nox.session
def format(session: nox.Session) -> None:  # noqa: A001
    """Put the code into shape, and fix what can be fixed."""
    session.install("--constraint", "requirements/development.txt", "--group=lint")
    session.run("ruff", "check", "--fix", "--exit-zero")
    session.run("ruff", "format")


@nox.session
def messages(session: nox.Session) -> None:
    """Bring the translations up to date with the sentences in the code."""
    _require(session, programs="xgettext msgmerge msgfmt")
    _install(session)
    session.run("python", "scripts/messages.py")


@nox.session
def screenshots(session: nox.Session) -> None:
    """Take the pictures of the documentation again."""
    _require(session, programs="chromium chromedriver")
    _install(session, "test", "browser")
    pictures = {"TOTP_PICTURES": str(Path("docs/assets/screenshots").resolve())}
    session.run(*IN_ONE_PROCESS, "-m", "browser", "tests/browser/test_pictures.py", env=pictures)


# What a suite must not depend on: the date, the time zone, the language and the order. The clocks
# of each begin shortly before what may go wrong: the end of a month and of a year, summer time, and
# the end of 32 bits.
SURROUNDINGS = [
    nox.param("2027-02-28 23:58:00", {}, id="month"),
    nox.param("2027-03-28 01:58:00", {"TZ": "Europe/Zurich"}, id="summer-time"),
    nox.param(
        "2035-12-31 23:58:00",
        {"TZ": "Pacific/Apia", "LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"},
        id="year-in-samoa-in-turkish",
    ),
    nox.param("2039-01-19 03:13:00", {"TZ": "UTC"}, id="2039"),
]
# Files keep their times, or all would be compiled again. So a session in a file ends by its date.
NOT_THERE = [
    "tests/contract/test_old_cookies.py::test_it_is_good_for_nothing_or_the_engine_is_refused"
    f"[{api}-file]"
    for api in ("ninja", "drf")
]
NOT_THERE += ["tests/recovery/test_ended_access.py::test_sessions_end_whatever_keeps_them[file]"]
# What waits for another process sleeps until a moment, which faketime takes for an invalid one.
NOT_THERE += ["tests/demo/test_start.py", "tests/demo/test_four_clients.py"]


@nox.session
@nox.parametrize("moment, variables", SURROUNDINGS)
def test_surroundings(session: nox.Session, moment: str, variables: dict[str, str]) -> None:
    """Run the tests in a shuffled order, on odd days, elsewhere, and not as root."""
    _require(session, programs="faketime")
    if os.geteuid() == 0:
        session.warn("as root, to whom every file is open: an ordinary user sees more")
    _install(session, "test")
    # What faketime mends for an old glibc lets each thread that waits spin with a new one.
    kept = {
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "NO_FAKE_STAT": "1",
    }
    session.run(
        *("faketime", "-f", f"@{moment}", *PYTEST, "-p", "randomly", f"--ignore={CODE_BLOCKS}"),
        *(f"--deselect={test}" for test in NOT_THERE),
        *session.posargs,
        env=kept | variables,
        external=True,
    )


@nox.session
def guesses(session: nox.Session) -> None:
    """Guess for years at accounts, and compare with the bound on guessing."""
    _install(session, "test")
    session.run("python", "-m", "tests.guessing")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Look for input that a parser trips over; `-- 300` does so for 300 seconds."""
    _install(session, "test", "fuzz")
    session.run("python", "-m", "tests.fuzz.core", *(session.posargs or ["60"]))
    suite = ("tests/fuzz", "tests/http/test_conformance.py", "tests/drf/test_conformance.py")
    session.run(*PYTEST, "--hypothesis-profile=default", *suite)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the code a little, again and again: does a test notice? `-- core 3` does a part."""
    _install(session, "test", "mutants")
    session.run("python", "scripts/mutants.py", *session.posargs)


@nox.session(python="3.13")
def bench(session: nox.Session) -> None:
    """Measure against the floor and the peers, on PostgreSQL."""
    _require(session, services="POSTGRES")
    session.install("--requirement", "benchmarks/requirements.txt")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Bring requirements/ up to date with pyproject.toml; `-- --upgrade` takes the newest."""
    # Plain requirements with hashes and not uv.lock, which names the address of every file on the
    # index that it was made from; they serve any index, and pip as well.
    development = GROUPS - PEERS.keys() - {"dev"}
    _compile(session, "development", "3.11", *development)
    for group in PEERS:
        # Django 5.2 is the newest that all of the peers know.
        _compile(session, group, "3.13", "test", group, also="Django~=5.2.0")


def _compile(session: nox.Session, name: str, python: str, *groups: str, also: str = "") -> None:
    (more := Path(session.create_tmp(), "also.in")).write_text(also)
    session.run(
        *("uv", "pip", "compile", "pyproject.toml", str(more), *session.posargs),
        *("--quiet", "--universal", "--python-version", python, "--all-extras"),
        *("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"),
        *(f"--group={group}" for group in sorted(groups)),
        *("--output-file", f"requirements/{name}.txt"),
        external=True,
    )
