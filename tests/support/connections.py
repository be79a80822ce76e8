"""Connections of a test: left open for other clients than Django's, and one that leads nowhere."""

import copy
from contextlib import contextmanager

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections

__all__ = ["connection_left_open", "database_without_tables"]


@contextmanager
def connection_left_open():
    """Keep requests from closing the connection of the test, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@contextmanager
def database_without_tables(alias, **options):
    """Have a database of this name in which every statement fails."""
    other = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}, **options}
    connections.settings[alias] = copy.deepcopy(connections.settings["default"]) | other
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias], connections.settings[alias]
