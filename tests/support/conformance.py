"""Generated requests to this process, from an OpenAPI document."""

from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application

from tests.support.breadth import breadth

__all__ = ["bound"]


def bound(document: dict[str, Any]) -> Any:  # Any: what schemathesis calls a schema
    """Return the document, bound to the WSGI application."""
    loaded: Any = schemathesis.openapi.from_dict(document)
    loaded.app = get_wsgi_application()
    # To look for values in the source takes longer than to send a few requests.
    loaded.config.analysis.constants.enabled = breadth(usual=False, thorough=True)
    return loaded
