"""`python -m demo`: make keys, database and users where they are missing, then serve.

Nothing here is needed to use ninja_totp; it is what saves a visitor from typing five commands.
"""

import os
import socket

import django
import uvicorn
from django.core.management import call_command

from demo.authenticator import shell_command

__all__ = ["main"]

_HOST = "127.0.0.1"
_DEFAULT_PORT = 8000
_PORTS_TRIED = 50


def main() -> None:
    """Prepare the demo, print where it answers, and serve it until it is interrupted."""
    with _listening_socket(_wanted_port()) as listener:
        address = f"{_HOST}:{listener.getsockname()[1]}"
        os.environ["DEMO_ADDRESS"] = address  # for the links in mails
        _prepare()
        _announce(f"http://{address}")
        _serve(listener)


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.settings")
    django.setup()
    call_command("check")  # a mistake in settings or addresses ends here, not at a first request
    call_command("migrate", verbosity=0, interactive=False)
    from demo.users import ensure_users  # noqa: PLC0415 - models need the apps to be ready

    ensure_users()


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


def _announce(address: str) -> None:
    from demo.users import PASSWORD, USERS  # noqa: PLC0415 - as above

    print(
        f"\n  The demo     {address}/"
        f"\n  Mailbox      {address}/outbox/  has the mails that the demo sends"
        f"\n  Admin        {address}/admin/"
        f"\n  API docs     {address}/api/docs"
        f"\n  Danger zone  POST {address}/api/danger/ or {address}/drf/danger/"
        f"\n  Sign in as   one of these users; the password is {PASSWORD}",
        *(f"                 {user.name:<8} {user.purpose}" for user in USERS),
        f"  No phone?    {shell_command()}  prints the codes of a secret",
        "  Stop it      Ctrl+C\n",
        sep="\n",
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
