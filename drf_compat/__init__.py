"""The Django REST Framework API: the documented `/totp/` paths and helpers over ninja_totp.

A project that used `django_totp` replaces it by `drf_compat` and `ninja_totp`.
"""
