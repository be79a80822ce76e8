# Appended to the settings.py of a project that `startproject` has just made.
from cryptography.fernet import Fernet

INSTALLED_APPS += ["ninja_totp"]  # noqa: F821
TOTP_ENCRYPTION_KEY = Fernet.generate_key().decode()
