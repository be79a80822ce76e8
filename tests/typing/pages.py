"""How a project leaves pages of its own open. Type-checked, never run."""

from typing import assert_type

from django.http import HttpRequest, HttpResponse
from django.views import View

from ninja_totp.middleware import SecondFactorMiddleware, second_factor_exempt


@second_factor_exempt
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@second_factor_exempt
class Health(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return health(request)


class Stricter(SecondFactorMiddleware):
    pass


def what_is_decorated_keeps_its_type(request: HttpRequest) -> None:
    assert_type(health(request), HttpResponse)
    assert_type(Health(), Health)


def what_is_no_view_is_found() -> None:
    second_factor_exempt(1)  # type: ignore[type-var]
