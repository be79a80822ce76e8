"""Projects as people have them: each is a module of settings, whose tests run in its own process.

`test_worlds.py` starts pytest for each of them.
"""
