"""The reference of the public names, made from their docstrings: `make reference`.

What is public is what a module names in `__all__`. The sources are read and not imported, so that
the pages are the same on every Python and with every set of optional packages. They are plain
Markdown and committed: GitHub shows them, and either builder of the site can read them. A table of
the endpoints is made from the reviewed OpenAPI document. A test says when a page is out of date.
"""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PAGES", "Name", "public_names", "rendered"]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference" / "python"
OPENAPI = ROOT / "tests" / "http" / "openapi.json"
_NOTE = "<!-- Made from docstrings by `make reference`; change those, not this page. -->"
_ENDPOINTS = "endpoints"
_PREFIX = "/ninja/"

# Name of the page -> (title, the modules that it tells of).
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "services": ("Services, by docstring", ("ninja_totp.services",)),
    "routers": ("Routers", ("ninja_totp.api",)),
    "guards": (
        "Guards",
        (
            "ninja_totp.http.second_factor",
            "ninja_totp.views",
            "ninja_totp.views.admin_site",
            "ninja_totp.views.middleware",
            "drf_compat.permissions",
        ),
    ),
    "issuers": ("Issuers", ("ninja_totp.http.issuers",)),
    "errors": ("Errors, by docstring", ("ninja_totp.core.errors",)),
    "signals": ("Signals, by docstring", ("ninja_totp.signals",)),
    "testing": (
        "Testing",
        ("ninja_totp.testing", "ninja_totp.pytest_plugin", "drf_compat.testing"),
    ),
}

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Name:
    """A public name: where it is defined, what stands there, and the string that explains it."""

    name: str
    module: str
    node: _Definition
    docstring: str


def _source(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def public_names(module: str) -> list[str]:
    """Return what the module says is public, in its order."""
    for node in _source(module).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    raise LookupError(f"{module} has no __all__.")


def _statements(module: str) -> list[ast.stmt]:
    """Return the module's statements, with those that only a type checker sees: lazy imports."""
    found: list[ast.stmt] = []
    for node in _source(module).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found += node.body
        else:
            found.append(node)
    return found


def _find(module: str, name: str) -> Name:
    """Return the definition of a name, wherever a module has it from."""
    body = _statements(module)
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    found = _find(node.module, alias.name)
                    return Name(name, found.module, found.node, found.docstring)
        if isinstance(node, _Definition) and name in _defined(node) and not _is_overload(node):
            return Name(name, module, node, _docstring(node, following))
    raise LookupError(f"{module} defines no {name}.")


def _defined(node: _Definition) -> set[str]:
    if isinstance(node, ast.Assign):
        return {ast.unparse(target) for target in node.targets}
    return {ast.unparse(node.target) if isinstance(node, ast.AnnAssign) else node.name}


def _is_overload(node: _Definition) -> bool:
    marks = [] if isinstance(node, (ast.Assign, ast.AnnAssign)) else node.decorator_list
    return "overload" in map(ast.unparse, marks)


def _docstring(node: ast.stmt, following: ast.stmt | None) -> str:
    """Return a docstring; that of a value is the string below it."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return ast.get_docstring(node) or ""
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return str(following.value.value).strip()
    return ""


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, *, bound: bool = False) -> str:
    arguments = ", ".join(_parameters(node.args, skipped=int(bound)))
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({arguments}){returns}"


def _parameters(of: ast.arguments, *, skipped: int) -> Iterator[str]:
    usual = [*of.posonlyargs, *of.args]
    defaults = [None] * (len(usual) - len(of.defaults)) + of.defaults
    yield from map(_parameter, usual[skipped:], defaults[skipped:])
    if of.vararg:
        yield f"*{_parameter(of.vararg, None)}"
    elif of.kwonlyargs:
        yield "*"
    yield from map(_parameter, of.kwonlyargs, of.kw_defaults)
    if of.kwarg:
        yield f"**{_parameter(of.kwarg, None)}"


def _parameter(of: ast.arg, default: ast.expr | None) -> str:
    kind = f": {ast.unparse(of.annotation)}" if of.annotation else ""
    value = "" if default is None else f"{' = ' if kind else '='}{ast.unparse(default)}"
    return f"{of.arg}{kind}{value}"


def _members(of: ast.ClassDef) -> Iterator[str]:
    """A line for each public field, property and method of a class."""
    for node, following in zip(of.body, [*of.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) or _is_constant(node):
            text = ast.unparse(node)
            is_public = not text.startswith("_")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            is_public = not node.name.startswith("_")
            marks = {ast.unparse(mark) for mark in node.decorator_list}
            text = _signature(node, bound="staticmethod" not in marks)
            if marks & {"property", "cached_property"}:
                text = text.replace("()", "", 1).replace(" ->", ":", 1)
        else:
            continue
        if is_public:
            said = " ".join(_docstring(node, following).split("\n\n")[0].split())
            yield f"- `{text}`" + (f": {said}" if said else "")


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)


def _entry(found: Name, twins: set[str]) -> Iterator[str]:
    yield f"### {found.name}"
    node = found.node
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, node.bases))
        yield f"`class {found.name}{f'({bases})' if bases else ''}`"
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        twin = f"a{found.name}"
        yield f"`{_signature(node)}`" + (f", awaitable twin `{twin}`" if twin in twins else "")
    elif node.value:
        yield f"`{found.name} = {ast.unparse(node.value)}`"
    if found.docstring:
        yield found.docstring
    if isinstance(node, ast.ClassDef) and (members := list(_members(node))):
        yield "\n".join(members)


def _is_twin(name: str, names: list[str]) -> bool:
    return name.startswith("a") and name[1:] in names


def _module(page: str, module: str) -> Iterator[str]:
    names = public_names(module)
    twins = {name for name in names if _is_twin(name, names)}
    yield f"## {module}"
    yield ast.get_docstring(_source(module)) or ""
    for name in sorted(set(names) - twins, key=str.lower):
        found = _find(module, name)
        home = _home(found, page)
        if home:
            yield f"### {name}"
            yield f"Of [`{home}`]({_page_of(home)}.md#{name.lower()})."
        else:
            yield from _entry(found, twins)


def _home(found: Name, page: str) -> str:
    """Return the module of another page that has the same name, "" where there is none."""
    for other, (_, modules) in PAGES.items():
        for module in modules if other != page else ():
            if found.module.startswith(module) and found.name in public_names(module):
                return module
    return ""


def _page_of(module: str) -> str:
    return next(page for page, (_, modules) in PAGES.items() if module in modules)


def _endpoints() -> Iterator[str]:
    document: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8"))
    yield "# Endpoints"
    yield _NOTE
    yield (
        "Every call of the Ninja door, as its OpenAPI document has it. The door of Django REST "
        "Framework answers the same calls with the same bodies. What each of them needs, and "
        "which errors it ends with, is in the [HTTP API](../http-api.md)."
    )
    rows: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            call = f"`{method.upper()} {path.removeprefix(_PREFIX)}`"
            statuses = ", ".join(f"`{status}`" for status in sorted(one["responses"]))
            rows.setdefault(one["tags"][0], []).append(
                f"| {call} | {one['summary']} | `{one['operationId']}` | {statuses} |"
            )
    for tag, lines in rows.items():
        yield f"## {tag}"
        heading = "| call | what it does | operation | statuses |\n| --- | --- | --- | --- |"
        yield "\n".join([heading, *lines])


def _index() -> Iterator[str]:
    yield "# Every public name"
    yield _NOTE
    yield (
        "What the modules name in `__all__`, with the docstrings that stand in the code, and the "
        "[endpoints](endpoints.md) of the OpenAPI document. The other pages of the reference "
        "explain more, and have examples."
    )
    heading = "| module | names |\n| --- | --- |"
    lines = [heading]
    for page, (_, modules) in PAGES.items():
        for module in modules:
            names = public_names(module)
            shown = sorted((one for one in names if not _is_twin(one, names)), key=str.lower)
            links = ", ".join(f"[{name}]({page}.md#{name.lower()})" for name in shown)
            lines.append(f"| `{module}` | {links} |")
    yield "\n".join(lines)


def _page(page: str) -> Iterator[str]:
    title, modules = PAGES[page]
    yield f"# {title}"
    yield _NOTE
    for module in modules:
        yield from _module(page, module)


def rendered() -> dict[str, str]:
    """Return the text of each page, by the name of its file."""
    parts = {"index": _index(), _ENDPOINTS: _endpoints()} | {page: _page(page) for page in PAGES}
    return {f"{page}.md": "\n\n".join(texts) + "\n" for page, texts in parts.items()}


def main() -> None:
    """Write the pages, and remove those that are no more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pages = rendered()
    for path in FOLDER.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
