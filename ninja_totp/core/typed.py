"""What people type or paste, without what comes along from a page, a mail or a chat."""

import unicodedata

# What the categories below do not have: the minus sign, and bullets of lists.
_MINUS, _BULLETS = "\u2212", "\u2022\u2023\u2043\u204c\u204d\u2219\u25aa\u25cb\u25cf\u25e6\u00b7*."


def tidied(text: str) -> str:
    """Return `text` with plain digits, blanks and hyphens, and no bullet or full stop around it.

    Compatibility forms such as full-width digits become the usual ones (NFKC), every dash a hyphen
    and every separator a blank; invisible characters go.
    """
    kept = map(_plain, unicodedata.normalize("NFKC", text))
    return "".join(kept).strip(_BULLETS + " \t\n\r\v\f")


def _plain(char: str) -> str:
    match unicodedata.category(char):
        case "Cf":
            return ""
        case "Pd":
            return "-"
        case "Zs" | "Zl" | "Zp":
            return " "
        case _:
            return "-" if char == _MINUS else char
