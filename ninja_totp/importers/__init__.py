"""Users of other packages keep their authenticators: `manage.py import_totp SOURCE`.

Each module in `sources/` reads one package's tables and yields what it found; `writer.py` is the
only one that writes. Nothing in the rest of ninja_totp comes here.
"""
