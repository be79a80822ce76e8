"""Benchmarks of ninja_totp against the floor and the peers. `make bench`; see README.md.

Nothing here is part of the distribution, of the tests or of CI.
"""
