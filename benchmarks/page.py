"""Putting the tables of a full run into the page of the documentation that explains them.

The page is written by hand but for what stands between `<!-- begin NAME -->` and `<!-- end -->`.
"""

import re
from pathlib import Path

__all__ = ["put_into"]


def put_into(page: Path, tables: dict[str, str]) -> None:
    """Replace the tables that `page` shows by those of this run."""
    text = page.read_text()
    for name, table in tables.items():
        text = _replaced(text, name, table)
    page.write_text(text)


def _replaced(text: str, name: str, table: str) -> str:
    begin, end = f"<!-- begin {name} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{table}\n{end}", text)
