"""Lay out what the site is made from, and build it: `make docs`. MkDocs loads it as a hook, too.

The site has the pages of docs/ at its root, and some files beside docs/ as pages of their own. A
link of a page to any other file of the repository becomes one to that file's address. A warning,
such as one of a link that leads nowhere, is a failure.
"""

import os
import posixpath
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
# Beside docs/, what becomes a page, and where.
_BESIDE = {
    "README.md": "quick-start.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CODE_OF_CONDUCT.md": "project/code-of-conduct.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "clients/typescript/README.md": "project/typescript-client.md",
    "examples/typescript/README.md": "project/typescript.md",
}
_SOURCES = {page: source for source, page in _BESIDE.items()}
_LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
_NAV = re.compile(r"^( +)- (?:([^:\n]+): ?)?(\S+\.md)?$", re.MULTILINE)
_LLMS = "llms.txt"


def _project() -> dict[str, Any]:
    text = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project: dict[str, Any] = tomllib.loads(text)["project"]
    return project


def _in_the_tree(source: str, target: str, repository: str) -> str | None:
    """The file that a page at `source` links to; None where that is none of the repository."""
    raw = repository.replace("github.com", "raw.githubusercontent.com")
    for address in (f"{repository}/blob/main/", f"{raw}/main/"):
        if target.startswith(address):
            return target.removeprefix(address)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    return path if target and ":" not in target and (_ROOT / path).is_file() else None


def _page(path: str) -> str | None:
    """Where the site has a file of the repository."""
    return _BESIDE.get(path, path.removeprefix("docs/") if path.startswith("docs/") else None)


def _for_the_site(source: str, page: str, text: str, repository: str) -> str:
    """The text of a file with links that lead to the same places from its page."""

    def moved(link: re.Match[str]) -> str:
        target, hash_, anchor = link[0].partition("#")
        path = _in_the_tree(source, target, repository)
        if path is None:
            return link[0]
        shown = _page(path)
        start = posixpath.dirname(page)
        address = posixpath.relpath(shown, start or ".") if shown else None
        return (address or f"{repository}/blob/main/{path}") + hash_ + anchor

    return _LINK.sub(moved, text)


def lay_out(folder: Path) -> None:
    """Put into `folder` what MkDocs reads: mkdocs.yml, its hook, and a new copy of the pages."""
    repository = _project()["urls"]["Repository"]
    copy = folder / "build" / "docs"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(_ROOT / "docs", copy)
    pages = {path.relative_to(copy).as_posix() for path in copy.rglob("*.md")}
    for page in sorted(pages | _SOURCES.keys()):
        source = source_of(page)
        text = (_ROOT / source).read_text(encoding="utf-8")
        (copy / page).parent.mkdir(parents=True, exist_ok=True)
        (copy / page).write_text(_for_the_site(source, page, text, repository), encoding="utf-8")
    (copy / _LLMS).write_text(llms(), encoding="utf-8")
    if folder != _ROOT:
        for name in ("mkdocs.yml", "scripts/documentation.py"):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(_ROOT / name, folder / name)


def source_of(page: str) -> str:
    """The file of the repository that a page of the site is made from."""
    return _SOURCES.get(page, f"docs/{page}")


def navigation() -> list[tuple[int, str, str]]:
    """Each line of the navigation: how deep it is, its title, and its page or ""."""
    text = (_ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    return [(len(line[1]) // 4, line[2] or "", line[3] or "") for line in _NAV.finditer(text)]


def llms() -> str:
    """llms.txt: every page of the navigation with its first sentence, for language models."""
    project = _project()
    raw = project["urls"]["Repository"].replace("github.com", "raw.githubusercontent.com")
    lines = [f"# {project['name']}", "", f"> {project['description']}"]
    for depth, title, page in navigation():
        if not page and depth == 0:
            lines += ["", f"## {title}", ""]
        elif page and page != "index.md":
            source = source_of(page)
            heading, sentence = _beginning((_ROOT / source).read_text(encoding="utf-8"))
            lines.append(f"- [{heading}]({raw}/main/{source}): {sentence}")
    return "\n".join(lines) + "\n"


def _beginning(text: str) -> tuple[str, str]:
    """The title of a page, and the first sentence below it."""
    heading, _, rest = text.partition("\n")
    paragraph = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", rest.strip().partition("\n\n")[0])
    sentence = re.split(r"(?<=[.!?]) ", " ".join(paragraph.split()))[0]
    return heading.removeprefix("# "), re.sub(":$", ".", sentence)


def on_page_context(context: Any, *, page: Any, config: Any, **_: Any) -> Any:
    """Let the link to edit a page lead to the file that it is made from (a hook of MkDocs)."""
    source = _SOURCES.get(page.file.src_uri)
    if source is not None:
        page.edit_url = f"{config.repo_url.rstrip('/')}/edit/main/{source}"
    return context


def build(folder: Path) -> bool:
    """Build the site in build/site; return whether there was no warning."""
    # --quiet would hide the warnings from --strict as well.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    lay_out(_ROOT)
    sys.exit(not build(_ROOT))
