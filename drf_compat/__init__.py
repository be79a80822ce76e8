"""The Django REST Framework API: the documented `/totp/` paths and helpers over ninja_totp.

A project that used `django_totp` puts `drf_compat` and `ninja_totp` in its place.
"""
