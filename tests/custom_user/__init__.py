"""The life cycle on user models that are not Django's, each in a process of its own.

AUTH_USER_MODEL cannot change within a process: `test_custom_users.py` starts pytest on
`life_cycle.py` once for each variant in `settings.py`.
"""
