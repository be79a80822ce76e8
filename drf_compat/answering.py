"""What every view of this door owes: a counted failure stays counted, no cache keeps an answer.

Parsers, renderers, versioning, authentication and the exception handler are the project's.
"""

import math
from typing import Any, NoReturn, TypeVar, cast

from django.conf import settings
from django.db import connections, transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from pydantic import BaseModel
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_compat.errors import as_framework_error, complete
from drf_compat.throttle import TotpAnonThrottle, TotpUserThrottle
from ninja_totp.core.errors import PayloadTooLarge, Throttled

__all__ = ["AnonymousView", "Guarded", "TotpView", "answer"]

S = TypeVar("S", bound=BaseModel)


def answer(content: BaseModel, status: int = 200) -> Response:
    """Return `content` as the Ninja door would: what does not apply is left out."""
    return Response(content.model_dump(exclude_unset=True), status=status)


class Guarded(APIView):
    """Errors in one place, nothing cached, no rollback of a counted failure."""

    @classmethod
    def as_view(cls, *args: Any, **initkwargs: Any) -> Any:  # Any: as REST framework's own
        """Return the view function, exempt from ATOMIC_REQUESTS.

        A failed attempt ends in an error, and an error undoes the transaction of its request: the
        failure would never have been counted.
        """
        view = super().as_view(*args, **initkwargs)
        # What a form holds would stand in the report of an error otherwise.
        view = sensitive_post_parameters()(view)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a body that is larger than the site takes; parsers of JSON do not look."""
        most: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        request.ninja_totp_door = "drf"  # type: ignore[attr-defined]  # for the history
        if most is not None and length.isdecimal() and int(length) > most:
            raise PayloadTooLarge
        super().initial(request, *args, **kwargs)

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        """Refuse a request above the rate, in the words of both doors."""
        raise Throttled(retry_after=math.ceil(wait or 1))

    def handle_exception(self, exc: Exception) -> Response:
        """Answer by the project's exception handler, which sees an error of its own kind."""
        return complete(super().handle_exception(as_framework_error(exc)))

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Any:  # Any: as REST framework's own
        """Let nobody keep the answer: it may hold a secret, a code or a token."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class TotpView(Guarded, GenericAPIView[Any]):
    """A view whose input goes through a serializer into the schema of its use case."""

    @property
    def django_request(self) -> HttpRequest:
        """The request for the use case, and for the receivers of its signals.

        REST framework's own, as django-totp passes it: it has whatever Django's has.
        """
        return cast("HttpRequest", self.request)

    @sensitive_variables()
    def payload(self, schema: type[S]) -> S:
        """Return the request's body, validated by the view's serializer, as `schema`."""
        # Some clients send `null` for "no body".
        data: Any = self.request.data
        return self._validated({} if data is None else data, schema)

    def query(self, schema: type[S]) -> S:
        """Return the request's query, validated by the view's serializer, as `schema`."""
        return self._validated(self.request.query_params, schema)

    @sensitive_variables()
    def _validated(self, data: Any, schema: type[S]) -> S:
        serializer = self.get_serializer(data=data)
        serializer.is_valid(raise_exception=True)
        return schema(**serializer.validated_data)


class AnonymousView(TotpView):
    """A call of somebody who is not signed in."""

    # Whoever logs in or recovers shows what they know; an old token beside it does not matter.
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [TotpUserThrottle, TotpAnonThrottle]
