"""Stands in for django-totp, so that its own test suite tests `drf_compat`.

What is documented is `drf_compat` itself. Its models, which are private and another table here,
answer the few questions that the suite puts to them.
"""
