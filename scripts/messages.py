"""Bring the translations up to date with the sentences in the code: `make messages`.

Django's own commands, which need GNU gettext, over both packages of the directory that this is run
in: they share the catalogs of ninja_totp. Those are committed, compiled ones as well, so that
neither the wheel nor a site needs these tools. The tests name each sentence without a translation.
"""

from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

_PACKAGES = {"ninja_totp", "drf_compat"}


def main() -> None:
    """Write the catalogs (PO), and what Django reads of them (MO)."""
    settings.configure(LOCALE_PATHS=["ninja_totp/locale"])
    django.setup()
    others = {path.name for path in Path().iterdir() if path.is_dir()} - _PACKAGES
    ignored = [f"{name}/*" for name in others]
    options = {"all": True, "no_obsolete": True, "add_location": "file"}
    call_command("makemessages", ignore_patterns=ignored, no_wrap=True, verbosity=0, **options)
    call_command("compilemessages", verbosity=0)


if __name__ == "__main__":
    main()
