"""Django's admin behind the second factor: as a site of its own, or by a middleware.

    default_site = "ninja_totp.views.admin_site.TotpAdminSite"    # of an AdminConfig, or
    MIDDLEWARE = [..., "ninja_totp.views.middleware.AdminSecondFactorMiddleware"]

The password is asked for by Django's own page; who has a factor proves it on the next one.
"""

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ninja_totp.http.issuers import Session
from ninja_totp.services.policy.enforcement import is_overdue
from ninja_totp.services.step_up import PASSWORD_ONLY, has_fresh_factor, owes_factor
from ninja_totp.views.verify import VerifyView


def lacks_factor(request: HttpRequest, *, max_age: int | None, required: bool) -> bool:
    """Whether the session of who is signed in lacks the proof of their factor.

    Who has no factor lacks it only where it is `required`, or where TOTP_REQUIRED wants one by now.
    `max_age` is in seconds; None asks for a proof in this session, however long ago.
    """
    user: Any = request.user
    auth_context = Session().auth_context_of_cookie(request, user) or PASSWORD_ONLY
    if required or is_overdue(user):
        return not has_fresh_factor(user, auth_context, max_age=max_age)
    return owes_factor(user, auth_context, max_age=max_age)


def verify_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask for the code in the clothes of the admin."""
    view = VerifyView.as_view(
        template_name="admin/ninja_totp/verify.html",
        next_page=reverse("admin:index", current_app=site.name),
        extra_context=site.each_context(request),
    )
    request.current_app = site.name  # as AdminSite does
    return cast("HttpResponse", view(request))


class TotpAdminMixin(AdminSite):
    """Lets in whose session proved their factor; stands before an AdminSite among the bases."""

    second_factor_max_age: int | None = None
    """How old a proof may be, in seconds. None: one in this session is enough."""
    second_factor_required: bool = False
    """Whether staff without a factor are shut out."""

    def get_urls(self) -> list[Any]:
        """Return the site's URLs; ImproperlyConfigured for a ModelAdmin of another site.

        Its pages would ask that site who may see them, and show them for a password alone.
        """
        strangers = [model for model, one in self._registry.items() if one.admin_site is not self]
        if strangers:
            names = ", ".join(sorted(model._meta.label for model in strangers))
            raise ImproperlyConfigured(
                f"Register these with this site, by register(): {names}. They belong to another."
            )
        return super().get_urls()

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the site lets them in and nothing is owed. Logging out is always allowed."""
        if not super().has_permission(request):
            return False
        match = request.resolver_match
        return (match is not None and match.url_name == "logout") or not self._lacks(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for the password, and who has given it for the code."""
        if super().has_permission(request) and self._lacks(request):
            return verify_page(request, self)
        return super().login(request, extra_context)

    def _lacks(self, request: HttpRequest) -> bool:
        # An AdminSite asks `has_permission` several times for one page.
        known: bool | None = getattr(request, "_ninja_totp_lacks_factor", None)
        if known is None:
            known = lacks_factor(
                request, max_age=self.second_factor_max_age, required=self.second_factor_required
            )
            request._ninja_totp_lacks_factor = known  # type: ignore[attr-defined]  # noqa: SLF001
        return known


class TotpAdminSite(TotpAdminMixin):
    """Django's admin site behind the second factor."""
