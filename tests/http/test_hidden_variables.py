"""Django's report of a crash shows the local variables of each frame: which of them are hidden.

`@sensitive_variables()` hides those of a function and of all that it calls. So whatever gets a
secret as a parameter has the decorator, or is called by what has it. `@answers()` of
`ninja_totp.http.document` includes it.
"""

import ast
import re
import traceback
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

import drf_compat
import ninja_totp
from ninja_totp import services
from ninja_totp.http.document import answers

SECRETS = {
    *("access", "backup_code", "backup_codes", "code", "codes", "new_password", "otp_code"),
    *("otp_codes", "password", "proof", "refresh", "secret", "token"),
}
PACKAGE, COMPAT = (Path(package.__file__).parent for package in (ninja_totp, drf_compat))
# Where requests go. The core imports no Django and is called by these; commands have no request.
FOLDERS = [*(PACKAGE / name for name in ("services", "http", "emails")), COMPAT]
FILES = sorted([PACKAGE / "views.py", *(path for one in FOLDERS for path in one.rglob("*.py"))])
# A fingerprint of a password, which is compared with the one of an account.
NO_SECRETS = {"counters_of", "columns_of"}
# An issuer is called through its protocol, by the functions of ninja_totp.http.login with a name
# of their own: those of the same name are decorated.
BY_PROTOCOL = {"ninja_totp/http/issuers/jwt.py", "ninja_totp/http/issuers/__init__.py"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(eq=False)
class Function:
    """One function as its source says it."""

    path: str
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def is_decorated(self):
        decorators = [ast.unparse(one) for one in self.node.decorator_list]
        return any(re.search(r"\b(sensitive_variables|answers)\(", one) for one in decorators)

    @property
    def takes_a_secret(self):
        """Whether a parameter with the type of plain text or of a proof is named like a secret."""
        arguments = self.node.args
        parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return any(
            parameter.arg in SECRETS
            and re.search(r"\b(str|Proof)\b", ast.unparse(parameter.annotation or ast.Name("")))
            for parameter in parameters
        )

    @property
    def is_public(self):
        """Whether projects call it."""
        return hasattr(services, self.node.name) or self.path.startswith("drf_compat/")

    @cached_property
    def mentioned(self):
        """The names that it mentions, and so may call."""
        nodes = list(ast.walk(self.node))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


ALL = [
    Function(path.relative_to(PACKAGE.parent).as_posix(), node)
    for path in FILES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, _FUNCTIONS)
]
TAKING = [
    function
    for function in ALL
    if function.takes_a_secret
    and function.node.name not in NO_SECRETS
    and function.path not in BY_PROTOCOL
]


@cache
def is_hidden(function):
    """Whether no report shows the variables of a function."""
    if function.is_decorated or function.is_public:
        return function.is_decorated
    name = function.node.name
    near = [one for one in ALL if one.path == function.path or not name.startswith("_")]
    callers = [one for one in near if name in one.mentioned and one is not function]
    return bool(callers) and all(map(is_hidden, callers))


@pytest.mark.parametrize("function", TAKING, ids=lambda one: f"{one.path}:{one.node.name}")
def test_a_function_that_takes_a_secret_hides_its_variables(function):
    assert is_hidden(function)


def test_what_calls_an_issuer_by_its_protocol_hides_its_variables():
    calls = {"refresh", "verify_token"}
    calling = [one for one in ALL if one.path == "ninja_totp/http/login.py"]

    assert {one.node.name for one in calling if one.is_decorated} >= calls


def test_a_declared_call_hides_its_variables():
    @answers(204, None)
    def crash(code):
        raise ValueError

    with pytest.raises(ValueError, match=r"^$") as caught:
        crash("492039")

    frames = [frame.f_code.co_name for frame, _ in traceback.walk_tb(caught.tb)]
    assert frames[1:] == ["sensitive_variables_wrapper", "crash"]


def test_a_function_without_the_decorator_would_be_noticed():
    taking = {function.node.name for function in TAKING}

    assert {"verify", "begin_login", "confirm_recovery", "challenge_digest"} <= taking
    assert not is_hidden(Function("ninja_totp/http/new.py", ast.parse("def f(code): 0").body[0]))
