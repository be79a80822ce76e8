"""Two-factor authentication by TOTP and backup codes for Django, over Django-Ninja.

`core` holds the arithmetic and the policy, `services` the use cases (each with an
asynchronous variant), `api` the routers. This module imports nothing, so that Django can load the
app in any order.
"""
