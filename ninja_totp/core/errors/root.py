"""The root of every error, and what it takes to survive a pickle."""

from typing import Any, ClassVar

__all__ = ["TotpError", "gettext_noop"]


def gettext_noop(text: str) -> str:
    """Return `text`. The name marks it for the catalogs; a door translates it when it answers."""
    return text


def _blank(kind: "type[TotpError]", *args: Any) -> "TotpError":  # Any: Exception.args
    return kind.__new__(kind, *args)


class TotpError(Exception):
    """The root. `retry_after` is in seconds, None where waiting does not help or is not needed."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = gettext_noop("The request could not be completed.")
    further: ClassVar[tuple[str, ...]] = ()
    """The attributes that a leaf adds to the body."""
    retry_after: int | None = None
    challenge: str = "Bearer"
    """What WWW-Authenticate says where `status` is 401, which must name a scheme (RFC 9110)."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(self.sentence if sentence is None else sentence)

    # Exception's own way calls the class with `args`, which loses keyword arguments and hands the
    # sentence to leaves whose first argument is something else.
    def __reduce__(self) -> tuple[Any, ...]:  # Any: the signature of object.__reduce__
        return _blank, (type(self), *self.args), self.__dict__

    @property
    def detail(self) -> str:
        """The sentence for people, in English and untranslated."""
        return str(self)

    def body(self) -> dict[str, object]:
        """The response body: `detail`, `code` and what the leaf adds. Safe to send and to log."""
        added = {name: getattr(self, name) for name in self.further}
        return {"detail": self.detail, "code": self.code} | added
