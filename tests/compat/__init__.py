"""django-totp 1.1.7 and this package side by side: `make test-compat`."""
