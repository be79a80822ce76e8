"""System checks: find what is wrong with a site's configuration before the first request.

`apps.py` imports this package, which registers them.
"""

from ninja_totp.checks import configuration as configuration
