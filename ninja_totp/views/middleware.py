"""The admin behind the second factor without touching the project's AdminSite."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite, site
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from ninja_totp.views.admin_site import lacks_factor, verify_page

_ALWAYS_OPEN = frozenset({"logout", "jsi18n"})


class AdminSecondFactorMiddleware(MiddlewareMixin):
    """Shows who is signed in and has a factor no page of any admin until the session proved it.

    Stands after AuthenticationMiddleware. Who has no factor gets in by the password, as before;
    subclass it and set `required` to shut them out.
    """

    max_age: int | None = None
    required: bool = False

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Let the view be, or answer in its place."""
        match = request.resolver_match
        if match is None or "admin" not in match.app_names or match.url_name in _ALWAYS_OPEN:
            return None
        admin_site = _site_of(view)
        if not admin_site.has_permission(request) or not lacks_factor(
            request, max_age=self.max_age, required=self.required
        ):
            return None
        if match.url_name == "login":
            return verify_page(request, admin_site)
        return redirect_to_login(
            request.get_full_path(), reverse("admin:login", current_app=admin_site.name)
        )


def _site_of(view: Callable[..., Any]) -> AdminSite:
    # AdminSite and ModelAdmin leave word of themselves at each view that they guard, and what they
    # have wrapped is a method of one of them. A page that an application adds may be none: for
    # the question who is staff, any site will do.
    wrapped: Any = getattr(view, "__wrapped__", None)
    owners = [view, getattr(view, "__self__", None), getattr(wrapped, "__self__", None)]
    owners += [getattr(view, "model_admin", None)]
    places = [place for owner in owners for place in (owner, getattr(owner, "admin_site", None))]
    return next((place for place in places if isinstance(place, AdminSite)), site)
