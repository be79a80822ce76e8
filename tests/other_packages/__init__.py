"""The middleware beside other packages that log users in, as they come from the index.

Their applications cannot be added to a running process: `test_other_packages.py` starts pytest on
the modules beside it, under `settings.py`.
"""
