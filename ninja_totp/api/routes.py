"""How the routers are created, and how an endpoint is declared on one.

The errors in a declaration become typed responses in the OpenAPI document.
"""

import inspect
import sys
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.cache import cache_control
from ninja import Router, Status
from pydantic import BaseModel

from ninja_totp.core import errors
from ninja_totp.http.document import BODY_ERRORS, CSRF_PARAMETER, call_of, examples_of_union
from ninja_totp.http.endpoint import OUR_URL_NAMES, answer_errors, in_a_thread
from ninja_totp.http.errors import ERROR_HEADERS, error_schemas, error_union
from ninja_totp.schemas.examples import request_examples

# Whether the management router has `auth`, by the namespace of its NinjaAPI.
HAS_AUTH: dict[str, bool] = {}

_View = Callable[..., Any]

_WITH_BODY = (*BODY_ERRORS, errors.InvalidRequest)
# A body that nothing is read of is refused before anyone looks at it.
_UNREAD = (errors.PayloadTooLarge, errors.UnsupportedMediaType)


def new_router(**options: Any) -> Router:
    """Return a router whose endpoints accept JSON, use our error envelope and are never cached."""
    _refuse_green_threads()
    router = Router(exclude_unset=True, **options)
    router.add_decorator(answer_errors, mode="view")
    router.add_decorator(cache_control(no_store=True), mode="view")
    if "auth" not in options:
        router.add_decorator(_note_auth, mode="view")
    return router


def _note_auth(run: Any) -> Any:  # Any: the `run` of a Ninja operation
    # Not documented. A Ninja that names it otherwise silences the check W013, and nothing else.
    operation = getattr(inspect.unwrap(run), "__self__", None)
    if api := getattr(operation, "api", None):
        HAS_AUTH[api.urls_namespace] = bool(getattr(operation, "auth_callbacks", True))
    return run


def _refuse_green_threads() -> None:
    # Their requests share a thread, in which asyncio runs one loop at a time: with two requests at
    # once, one would fail.
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    if (gevent and gevent.is_module_patched("threading")) or (
        eventlet and eventlet.is_monkey_patched("thread")
    ):
        raise ImproperlyConfigured(
            "The routers of ninja_totp.api do not run in workers of gevent and eventlet. Use "
            "threads (gunicorn --threads 4), an ASGI server, or the views of drf_compat."
        )


def require_instance(**values: object) -> None:
    """Raise TypeError for a class where an instance is needed."""
    for name, value in values.items():
        if isinstance(value, type):
            kind = value.__name__
            raise TypeError(f"{name} must be an instance: {kind}(), not the class {kind}.")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Declares endpoints on a router, each by the function that it calls in a thread.

    `prefix` begins their operation ids and URL names; `refusals` are further errors of each that
    is no GET.
    """

    router: Router
    prefix: str
    refusals: tuple[type[errors.TotpError], ...] = ()

    def __call__(
        self, method: str, path: str, run: _View, *more: type[errors.TotpError], shown: Any = None
    ) -> Callable[[_View], _View]:
        """Declare one. `more` are errors, and `shown` is the response, that are so at Ninja alone.

        What a view takes beside its path is JSON, unless the method is GET.
        """
        call = call_of(run)

        def declare(view: _View) -> _View:
            name = f"{self.prefix}_{view.__name__}"
            url_name = name.replace("_", "-")
            OUR_URL_NAMES.add(url_name)
            body = None if method == "GET" else _body_of(view)
            unread = _UNREAD if method == "POST" else ()
            own = (*call.errors, *more, *(() if method == "GET" else self.refusals))
            by_status = error_schemas((*own, *(unread if body is None else _WITH_BODY)))
            unions = {one: error_union(name, one, found) for one, found in by_status.items()}
            operation = self.router.api_operation(
                [method],
                path,
                response={call.status: shown or call.schema, **unions},
                operation_id=name,
                url_name=url_name,
                openapi_extra=self._further(body, {call.status: call.schema} | by_status, own),
                summary=call.summary,
                description=call.description,
            )
            return operation(in_a_thread(view, partial(Status, call.status)))

        return declare

    def _further(
        self, body: type[BaseModel] | None, answers: dict[int, Any], own: Container[object]
    ) -> dict[str, Any]:
        """Return what Ninja itself does not say: headers, examples, that a call is public."""
        responses: dict[int, dict[str, Any]] = {one: {} for one in answers}
        for status, found in answers.items():
            if status in ERROR_HEADERS:
                responses[status]["headers"] = ERROR_HEADERS[status]
            if examples := examples_of_union(found):
                responses[status]["content"] = {"application/json": {"examples": examples}}
        further: dict[str, Any] = {"responses": responses}
        if self.router.auth is None:
            further["security"] = []
        if errors.CsrfFailed in own:
            further["parameters"] = [CSRF_PARAMETER]
        if body is not None:
            content = {"application/json": {"examples": request_examples(body)}}
            further["requestBody"] = {"content": content}
        return further


def _body_of(view: _View) -> type[BaseModel] | None:
    """Return the schema of the body that an endpoint takes, or may take."""
    annotation = inspect.get_annotations(view).get("payload")
    kinds = get_args(annotation) or (annotation,)
    return next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
