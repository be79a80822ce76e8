"""Attacks and faults against real server processes on real databases. Run `make torture`.

What each attack must come to stands beside it; what is wrong makes the command fail. Only what is
started here is ever killed: databases, caches and servers of their own, at free ports.
"""
