"""System checks: what is wrong with a site's configuration, found before the first request.

Importing this package registers them; `apps.py` does.
"""

from ninja_totp.checks import configuration as configuration
