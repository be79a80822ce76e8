"""What does ninja_totp add to a process that has Django and Ninja: CPU time and memory?

Each figure is a process of its own, with and without, in turn. CPU time and not wall time: the
files are in the page cache after the first run anyway. Compiled files are kept, as those of an
installed package are, whatever the environment says: one pair of processes writes them.
"""

import json
import os
import subprocess
import sys
from statistics import median

__all__ = ["added"]

_ROUNDS = 31
_NOT_KEPT = "PYTHONDONTWRITEBYTECODE"
_HOST = """
import json, os, time
from pathlib import Path
from django.conf import settings
settings.configure(
    SECRET_KEY="x", TOTP_ENCRYPTION_KEY="dGVzdHMtb25seS1rbm93bi10by1ldmVyeWJvZHktISE=",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", *APPS],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    USE_TZ=True,
)
import django
django.setup()
import ninja
from pydantic import BaseModel
class In(BaseModel):
    text: str
api = ninja.NinjaAPI()
@api.post("/host/", response=In)
async def host(request, payload: In): return payload
"""
_OURS = """
from ninja_totp.api import totp_router
api.add_router("/totp/", totp_router)
"""
_REPORT = """
api.urls
pages = int(Path("/proc/self/statm").read_text().split()[1])
print(json.dumps([time.process_time() * 1000, pages * os.sysconf("SC_PAGE_SIZE") / 1e6]))
"""


def _process(script: str) -> tuple[float, float]:
    environment = {name: value for name, value in os.environ.items() if name != _NOT_KEPT}
    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    milliseconds, megabytes = json.loads(done.stdout)
    return milliseconds, megabytes


def added() -> dict[str, float]:
    """Return the milliseconds and the megabytes that ninja_totp adds, medians of the pairs."""
    host = "APPS = []" + _HOST + _REPORT
    ours = 'APPS = ["ninja_totp"]' + _HOST + _OURS + _REPORT
    pairs = [(_process(host), _process(ours)) for _ in range(_ROUNDS + 1)][1:]
    return {
        "host_ms": median(without[0] for without, _ in pairs),
        "host_mb": median(without[1] for without, _ in pairs),
        "added_ms": median(with_[0] - without[0] for without, with_ in pairs),
        "added_mb": median(with_[1] - without[1] for without, with_ in pairs),
    }
