"""What Django's own test client does to the connections of a test, for other clients."""

from contextlib import contextmanager

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

__all__ = ["connection_left_open"]


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
