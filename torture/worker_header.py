"""Middleware that says which process has answered, so that the spread over workers can be seen."""

import os
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

__all__ = ["worker_header"]


@sync_and_async_middleware
def worker_header(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Add X-Worker to each answer."""
    if iscoroutinefunction(get_response):

        async def hop_free(request: HttpRequest) -> Any:
            return _marked(await get_response(request))

        return hop_free
    return lambda request: _marked(get_response(request))


def _marked(response: Any) -> Any:
    response["X-Worker"] = str(os.getpid())
    return response
