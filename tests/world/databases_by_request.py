"""A site whose router chooses the database by the request: each customer has one."""

import os
import tempfile
import threading
from contextvars import ContextVar
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import MIDDLEWARE

_folder = Path(tempfile.gettempdir())
DATABASES = {
    alias: {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _folder / f"totp-{alias}-{os.getpid()}.sqlite3",
        "TEST": {"NAME": str(_folder / f"totp-{alias}-{os.getpid()}.sqlite3")},
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
    for alias in ("default", "second")
}
DATABASE_ROUTERS = ["tests.world.databases_by_request.ByRequest"]
MIDDLEWARE = [
    "tests.world.databases_by_request.choose",
    *MIDDLEWARE,
    "django.middleware.locale.LocaleMiddleware",
]

_of_thread = threading.local()
_of_context: ContextVar[str | None] = ContextVar("site", default=None)


def choose(get_response):
    """Keep the header X-Site in a variable of the thread or of the context."""

    def middleware(request):
        alias, where = request.headers.get("X-Site", "default thread").split()
        token = _of_context.set(alias if where == "context" else None)
        _of_thread.alias = alias if where == "thread" else None
        try:
            return get_response(request)
        finally:
            _of_thread.alias = None
            _of_context.reset(token)

    return middleware


class ByRequest:
    """The database of the request, for everything."""

    def db_for_read(self, model, **_):
        """Return what the middleware has kept."""
        return getattr(_of_thread, "alias", None) or _of_context.get()

    db_for_write = db_for_read
