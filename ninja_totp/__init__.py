"""Two-factor authentication with TOTP and backup codes for Django and Django-Ninja.

`core` holds codes and policy, `services` the use cases (each with an async variant), `api` the
routers. This module imports nothing, so Django can load the application in any order.
"""
