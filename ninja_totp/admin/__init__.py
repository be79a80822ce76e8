"""Django's admin: who has an authenticator, in which state, and help for those who are locked out.

`accounts.py` is the page, `listing.py` what makes it fast, `filters.py` what it can be narrowed
down by, `history.py` what has happened, `actions.py` what staff may do. Nothing here shows a
secret, a ciphertext or a code.
"""

from ninja_totp.admin.accounts import AccountAdmin as AccountAdmin
