"""The documentation as data: pages, their fenced blocks, links, headings and tables.

A fence's language and title say what its block is for, and no block may do without:

    bash                          typed into the reader's terminal, one terminal a walk
    bash title="Install"          the same; taken as done in the quick run
    bash title="Server"           typed into a second terminal, where it keeps running
    bash title="In the old project"   typed where another package is installed: tests/importers
    python title="PATH"           the whole content of a file of the reader's project
    python title="PATH, at the end"   what the reader adds to that file
    python title="manage.py shell"    typed there
    nginx title="PATH"            the same, for a configuration of nginx
    json title="Answer"           what the block before it printed; "…" stands for what varies
    text title="Output"           the same, for an output that is not JSON
    ts title="PATH", tsx title="PATH"  a part of that file in examples/typescript
    text                          to look at: a drawing, a formula

A page is one walk in an empty directory. `<!-- walk: NAME -->` begins another one, and
`<!-- walk: NAME, from PAGE -->` one that goes on in the project of another page, as it is before
that page starts its server; `from PAGE#NAME` names a walk of that page which is not its first.
`, with MARK` names what a walk needs (a marker of pytest).
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = [
    "KINDS",
    "PROJECT",
    "REPOSITORY",
    "ROOT",
    "Block",
    "Page",
    "Walk",
    "codes",
    "in_the_tree",
    "page",
    "pages",
    "table_under",
    "walk_at",
]

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY: str = PROJECT["urls"]["Repository"]
# Where the files of the repository are shown, and where they are sent as they are.
_ADDRESSES = (
    f"{REPOSITORY}/blob/main/",
    f"{REPOSITORY}/tree/main/",
    REPOSITORY.replace("github.com", "raw.githubusercontent.com") + "/main/",
)
# Titles that are no names of files -> the kind of their blocks.
_TITLED = {
    ("bash", "Install"): "bash install",
    ("bash", "Server"): "bash server",
    ("bash", "In the old project"): "bash old project",
    ("python", "manage.py shell"): "python run",
    ("json", "Answer"): "json response",
    ("text", "Output"): "text output",
}
_AT_THE_END = ", at the end"
_SHOWN = {"bash old project", "text", "ts", "tsx"}
KINDS = {"bash", "nginx", "python", "python append", *_SHOWN, *_TITLED.values()}
_RUN = KINDS - _SHOWN

_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>.*)")
_INFO = re.compile(r'(?P<language>\w*)( title="(?P<title>[^"]+)")?')
_WALK = re.compile(
    r"<!-- walk: (?P<name>[\w-]+)(, from (?P<start>[\w./#-]+))?(, with (?P<mark>\w+))? -->"
)
_HEADING = re.compile(r"(#{1,6}) (.*)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """One fenced block. `title` is the name of its file, if it is one."""

    page: str
    line: int
    indent: str
    kind: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass
class Walk:
    """Blocks that a reader follows from top to bottom."""

    page: str
    name: str
    start: str = ""
    mark: str = ""
    blocks: list[Block] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.page}#{self.name}"

    def until_the_server(self) -> list[Block]:
        """The blocks that make the project, before it is served."""
        kinds = [block.kind for block in self.blocks]
        return self.blocks[: kinds.index("bash server")] if "bash server" in kinds else self.blocks


@dataclass(frozen=True)
class Page:
    """One Markdown file; `path` is relative to the repository."""

    path: str
    blocks: list[Block]
    walks: list[Walk]
    prose: list[tuple[int, str]]

    def anchors(self) -> set[str]:
        """The anchors of its headings, as GitHub and the common site generators make them."""
        seen: dict[str, int] = {}
        anchors = set()
        for _, heading in self.headings():
            slug = _slug(heading)
            number = seen[slug] = seen.get(slug, -1) + 1
            anchors.add(f"{slug}-{number}" if number else slug)
        return anchors

    def headings(self) -> list[tuple[int, str]]:
        """Each heading with its level."""
        matches = (_HEADING.fullmatch(line) for _, line in self.prose)
        return [(len(match[1]), match[2]) for match in matches if match]

    def links(self) -> list[tuple[int, str]]:
        """Each link's target, with its line."""
        return [(number, target) for number, line in self.prose for target in _LINK.findall(line)]


def _slug(heading: str) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).strip().replace(" ", "-")


def _kind(info: str) -> tuple[str, str]:
    """(kind, name of the file) of a block; the info string itself where it is of no kind."""
    match = _INFO.fullmatch(info.strip())
    if match is None:
        return info, ""
    language, title = match["language"], match["title"] or ""
    if (language, title) in _TITLED or not title:
        return _TITLED.get((language, title), language), ""
    if title.endswith(_AT_THE_END):
        return f"{language} append", title.removesuffix(_AT_THE_END)
    return language, title


class _Reader:
    """Goes through the lines of a page once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.blocks: list[Block] = []
        self.walks = [Walk(path, "page")]
        self.prose: list[tuple[int, str]] = []

    def read(self, lines: Iterator[tuple[int, str]]) -> Page:
        for number, line in lines:
            if fence := _FENCE.fullmatch(line):
                self._block(number, fence, lines)
                continue
            if walk := _WALK.fullmatch(line.strip()):
                self.walks.append(
                    Walk(self.path, walk["name"], walk["start"] or "", walk["mark"] or "")
                )
            self.prose.append((number, line))
        walks = [walk for walk in self.walks if walk.blocks]
        return Page(self.path, self.blocks, walks, self.prose)

    def _block(self, number: int, fence: re.Match[str], lines: Iterator[tuple[int, str]]) -> None:
        text = []
        for _, line in lines:
            if line.strip() == fence["ticks"]:
                break
            text.append(line)
        kind, title = _kind(fence["info"])
        block = Block(
            self.path, number, fence["indent"], kind, title, "".join(f"{line}\n" for line in text)
        )
        self.blocks.append(block)
        if kind in _RUN:
            self.walks[-1].blocks.append(block)


def in_the_tree(address: str) -> str | None:
    """The path of what an address of the repository shows; None for any other address."""
    for beginning in _ADDRESSES:
        if address.startswith(beginning):
            return address.removeprefix(beginning)
    return None


@cache
def page(path: str) -> Page:
    """The page at `path`, relative to the repository."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return _Reader(path).read(iter(enumerate(lines, start=1)))


def walk_at(start: str) -> Walk:
    """The walk that `from` names: PAGE or PAGE#NAME."""
    path, _, name = start.partition("#")
    walks = page(path).walks
    return next(walk for walk in walks if walk.name == name) if name else walks[0]


@cache
def pages() -> list[Page]:
    """README.md and everything under docs/."""
    docs = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    return [page(path) for path in ["README.md", *docs]]


def table_under(path: str, heading: str) -> list[dict[str, str]]:
    """The rows of the tables between `heading` and the next one of its level or above.

    Cells are keyed by their column's title and stand as they are written; `codes` reads them.
    """
    rows: list[dict[str, str]] = []
    columns: list[str] = []
    for line in _section(page(path), heading):
        cells = _cells(line)
        if not cells:
            columns = []
        elif not columns:
            columns = cells
        elif not set("".join(cells)) <= {"-", ":"}:
            rows.append(dict(zip(columns, cells, strict=True)))
    return rows


def _section(of: Page, heading: str) -> Iterator[str]:
    level = 0
    for _, line in of.prose:
        match = _HEADING.fullmatch(line)
        if match and level and len(match[1]) <= level:
            return
        if level:
            yield line
        if match and match[2] == heading:
            level = len(match[1])
    if not level:
        raise LookupError(f"{of.path} has no heading {heading!r}")


def _cells(line: str) -> list[str]:
    if not line.startswith("|"):
        return []
    parts = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [part.strip().replace("\\|", "|") for part in parts]


def codes(cell: str) -> list[str]:
    """What stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)
