"""The demo: one small Django project that shows ninja_totp from the first QR code to switching off.

It is a project, not a part of the package: nothing in ninja_totp imports it and no wheel holds it.
Start it with `python -m demo`.
"""
