"""`python -m demo`: make keys, database and demo user where they are missing, then serve.

Nothing here is needed to use ninja_totp; it is what saves a visitor from typing five commands.
"""

import os
import socket

import django
import uvicorn
from django.contrib.auth import get_user_model
from django.core.management import call_command

from demo.authenticator import shell_command

__all__ = ["main"]

_HOST = "127.0.0.1"
_DEFAULT_PORT = 8000
_PORTS_TRIED = 50
_USERNAME = "demo"
_PASSWORD = "demo-password-2fa"  # noqa: S105  printed on the page, for a local database alone
_EMAIL = "demo@example.com"


def main() -> None:
    """Prepare the demo, print where it answers, and serve it until it is interrupted."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.settings")
    django.setup()
    call_command("check")  # a mistake in settings or addresses ends here, not at a first request
    call_command("migrate", verbosity=0, interactive=False)
    _ensure_user()
    with _listening_socket(_wanted_port()) as listener:
        _announce(listener.getsockname()[1])
        _serve(listener)


def _ensure_user() -> None:
    users = get_user_model().objects
    if not users.filter(username=_USERNAME).exists():
        users.create_user(_USERNAME, _EMAIL, _PASSWORD)


def _wanted_port() -> int:
    text = os.environ.get("PORT", str(_DEFAULT_PORT))
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _listening_socket(wanted: int) -> socket.socket:
    """Bind here and hand the socket to uvicorn: no other process can take the port between."""
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65536)):
        try:
            listener = socket.create_server((_HOST, port))
        except OSError as error:
            print(f"Port {port} cannot be used ({error.strerror}); trying the next one.")
        else:
            return listener
    raise SystemExit(f"No free port from {wanted} on. Choose another one with PORT=...")


def _announce(port: int) -> None:
    address = f"http://{_HOST}:{port}"
    print(
        f"\n  The demo     {address}/"
        f"\n  API docs     {address}/api/docs"
        f"\n  Danger zone  POST {address}/api/danger/ or {address}/drf/danger/"
        f"\n  Sign in as   {_USERNAME} / {_PASSWORD}"
        f"\n  No phone?    {shell_command()}  prints the codes of a secret"
        "\n  Stop it      Ctrl+C\n",
        flush=True,
    )


def _serve(listener: socket.socket) -> None:
    config = uvicorn.Config(
        "demo.asgi:application",
        lifespan="off",  # Django's handler has no lifespan events
        proxy_headers=False,  # no proxy stands in front: X-Forwarded-For would be a lie
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
