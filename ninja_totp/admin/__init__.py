"""Django's admin: which users have an authenticator, in which state, and help for locked users.

`accounts.py` is the page, `listing.py` its list and filters, `actions.py` the actions of staff.
Nothing here shows a secret, a ciphertext or a code.
"""

from ninja_totp.admin.accounts import AccountAdmin as AccountAdmin
