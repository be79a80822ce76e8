"""The sentences that a user can see, and their translations: `make messages`.

Reads the marked sentences out of the sources and templates, brings the catalogs (PO) up to date
and writes what Django reads (MO). Both are committed, so that neither the wheel nor a site needs
the GNU gettext tools; this script needs nothing but Django. A sentence that has no translation
yet is left empty, and the tests say so.
"""

import ast
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["LANGUAGES", "Message", "catalog", "compiled", "marked_messages", "read", "written"]

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("ninja_totp", "drf_compat")
LOCALES = ROOT / "ninja_totp" / "locale"

# Name of the directory -> (language, rule of its plural).
LANGUAGES = {
    "de": ("German", "nplurals=2; plural=(n != 1);"),
    "es": ("Spanish", "nplurals=2; plural=(n != 1);"),
    "fr": ("French", "nplurals=2; plural=(n > 1);"),
    "ja": ("Japanese", "nplurals=1; plural=0;"),
    "pt": ("Portuguese", "nplurals=2; plural=(n != 1);"),
    "zh_Hans": ("Simplified Chinese", "nplurals=1; plural=0;"),
}
_MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL_MARKS = {"ngettext", "ngettext_lazy"}
_IN_TEMPLATE = re.compile(r"\b(n?gettext)\(((?:u?'(?:\\.|[^'\\])*'|u?\"(?:\\.|[^\"\\])*\"|, )+)")


@dataclass
class Message:
    """One sentence. `forms` are its translations: one, or one for each number."""

    text: str
    plural: str = ""
    places: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    @property
    def is_translated(self) -> bool:
        """Whether somebody has translated it, and has looked at it since it changed."""
        return bool(self.forms) and all(self.forms) and "fuzzy" not in self.flags


def _in_module(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if node.func.id in _MARKS and isinstance(texts[:1], list) and texts:
            yield str(texts[0]), ""
        elif node.func.id in _PLURAL_MARKS:
            yield str(texts[0]), str(texts[1])


def _in_template(path: Path) -> Iterator[tuple[str, str]]:
    from django.utils.translation.template import templatize  # noqa: PLC0415 - needs settings

    for mark, arguments in _IN_TEMPLATE.findall(templatize(path.read_text())):
        texts = ast.literal_eval(f"({arguments.rstrip(', ')},)")
        yield texts[0], texts[1] if mark == "ngettext" else ""


def marked_messages() -> dict[str, Message]:
    """Return every marked sentence of the packages, in the order of their files."""
    messages: dict[str, Message] = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.*")):
        if path.suffix not in {".py", ".html"} or "migrations" in path.parts:
            continue
        found = _in_module(path) if path.suffix == ".py" else _in_template(path)
        for text, plural in found:
            message = messages.setdefault(text, Message(text, plural))
            place = path.relative_to(ROOT).as_posix()
            if place not in message.places:
                message.places.append(place)
    return messages


def _strings(lines: list[str], keyword: str) -> str | None:
    """Return the text that follows `keyword` in an entry of a PO file; None if it has none."""
    collected: list[str] | None = None
    for line in lines:
        name, _, rest = line.partition(" ")
        if line.startswith('"') and collected is not None:
            collected.append(ast.literal_eval(line))
        elif name == keyword:
            collected = [ast.literal_eval(rest)]
        elif collected is not None:
            break
    return None if collected is None else "".join(collected)


def read(text: str) -> dict[str, Message]:
    """Return the entries of a PO file; its header is the one for the empty text."""
    messages = {}
    for entry in re.split(r"\n\s*\n", text.strip()):
        lines = entry.splitlines()
        flags = {flag.strip() for line in lines if line[:2] == "#," for flag in line[2:].split(",")}
        numbered = [_strings(lines, f"msgstr[{number}]") for number in range(6)]
        forms = [form for form in (_strings(lines, "msgstr"), *numbered) if form is not None]
        message = Message(
            _strings(lines, "msgid") or "",
            _strings(lines, "msgid_plural") or "",
            [line[3:] for line in lines if line.startswith("#: ")],
            forms,
            flags,
        )
        messages[message.text] = message
    return messages


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _entry(message: Message) -> str:
    lines = [f"#: {place}" for place in message.places]
    lines += [f"#, {', '.join(sorted(message.flags))}"] if message.flags else []
    lines.append(f"msgid {_quoted(message.text)}")
    if message.plural:
        lines.append(f"msgid_plural {_quoted(message.plural)}")
        lines += [f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(message.forms)]
    else:
        lines.append(f"msgstr {_quoted(message.forms[0])}")
    return "\n".join(lines)


def written(locale: str, messages: dict[str, Message]) -> str:
    """Return a PO file with these entries."""
    name, rule = LANGUAGES[locale]
    header = "\n".join(
        [
            f"# {name}",
            'msgid ""',
            'msgstr ""',
            _quoted(f"Language: {locale}\n"),
            _quoted("MIME-Version: 1.0\n"),
            _quoted("Content-Type: text/plain; charset=UTF-8\n"),
            _quoted("Content-Transfer-Encoding: 8bit\n"),
            _quoted(f"Plural-Forms: {rule}\n"),
        ]
    )
    return "\n\n".join([header, *map(_entry, messages.values())]) + "\n"


def compiled(messages: dict[str, Message]) -> bytes:
    """Return the MO file of these entries: what msgfmt makes of them."""
    pairs = sorted(
        (
            "\0".join(filter(None, [message.text, message.plural])).encode(),
            "\0".join(message.forms).encode(),
        )
        for message in messages.values()
        if message.is_translated
    )
    start, tables = 28 + 16 * len(pairs), ([], [])  # type: tuple[int, tuple[list[int], list[int]]]
    data = b""
    for column in (0, 1):
        for pair in pairs:
            tables[column].extend([len(pair[column]), start + len(data)])
            data += pair[column] + b"\0"
    offsets = (28, 28 + 8 * len(pairs))
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), *offsets, 0, 28 + 16 * len(pairs))
    numbers = [*tables[0], *tables[1]]
    return header + struct.pack(f"<{len(numbers)}I", *numbers) + data


def catalog(locale: str) -> Path:
    """Return the PO file of a language; the MO file lies beside it."""
    return LOCALES / locale / "LC_MESSAGES" / "django.po"


def _up_to_date(locale: str, marked: dict[str, Message]) -> dict[str, Message]:
    path = catalog(locale)
    known = read(path.read_text(encoding="utf-8")) if path.exists() else {}
    forms = int(LANGUAGES[locale][1].removeprefix("nplurals=")[0])
    return {
        text: Message(
            text,
            message.plural,
            message.places,
            known[text].forms if text in known else [""] * (forms if message.plural else 1),
            known[text].flags if text in known else set(),
        )
        for text, message in marked.items()
    }


def main() -> None:
    """Bring the catalogs up to date."""
    from django.conf import settings  # noqa: PLC0415 - for `templatize`, and no project is there

    settings.configure()
    marked = marked_messages()
    for locale in LANGUAGES:
        path, messages = catalog(locale), _up_to_date(locale, marked)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = written(locale, messages)
        path.write_text(text, encoding="utf-8")
        path.with_suffix(".mo").write_bytes(compiled(read(text)))
        missing = [message for message in messages.values() if not message.is_translated]
        print(f"{locale}: {len(messages)} sentences, {len(missing)} of them not translated")


if __name__ == "__main__":
    main()
