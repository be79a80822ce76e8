"""A site of all kinds of pages, each of which shows SECRET to who gets there."""

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.auth import aauthenticate, alogin, authenticate, login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.static import serve
from ninja import NinjaAPI
from ninja.security import django_auth

from ninja_totp.middleware import second_factor_exempt
from ninja_totp.views import VerifyView
from tests.middleware.pages import MEDIA

__all__ = ["SECRET"]

SECRET = "what only Ada may read"

api = NinjaAPI(urls_namespace="middleware")


@api.get("/account", auth=django_auth)
def account(request):
    return {"text": SECRET}


@api.get("/public")
async def public(request):
    return {"text": SECRET}


def page(request, **path):
    return HttpResponse(SECRET)


async def async_page(request):
    user = await request.auser()
    return HttpResponse(SECRET if user.is_authenticated else "nobody")


def json_page(request):
    return JsonResponse({"text": SECRET})


@second_factor_exempt
def exempt_page(request):
    return HttpResponse("open")


@second_factor_exempt
async def exempt_async_page(request):
    return HttpResponse("open")


class ExemptByDecorator(View):
    @method_decorator(second_factor_exempt)
    def dispatch(self, request):
        return HttpResponse("open")


@second_factor_exempt
class ExemptClass(View):
    def get(self, request):
        return HttpResponse("open")


class InheritsDispatch(ExemptByDecorator):
    pass


class InheritsClass(ExemptClass):
    def get(self, request):
        return HttpResponse(SECRET)


class LoginOpensNothing(View):
    """A view that Django's LoginRequiredMiddleware lets everybody see."""

    login_required = False

    def get(self, request):
        return HttpResponse(SECRET)


def log_in(request):
    """A login of the project's own, which shows at once what the user came for."""
    login(request, authenticate(request, **request.POST.dict()))
    return HttpResponse(SECRET, status=201)


async def log_in_on_the_loop(request):
    await alogin(request, await aauthenticate(request, **request.POST.dict()))
    return HttpResponse(SECRET)


class Portal(AdminSite):
    """An admin for everybody who is signed in."""

    def has_permission(self, request):
        return request.user.is_authenticated

    def get_urls(self):
        return [path("export/", self.admin_view(page)), *super().get_urls()]


stock = AdminSite("stock")

urlpatterns = [
    path("", include("tests.urls")),
    path("verify/", VerifyView.as_view(), name="verify"),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
    path("accounts/logout/", LogoutView.as_view()),
    path(
        "admin-verify/",
        VerifyView.as_view(template_name="admin/ninja_totp/verify.html"),
        name="admin-verify",
    ),
    path("stock/added", stock.admin_view(page)),
    path("stock/", stock.urls),
    path("portal/", Portal("portal").urls),
    path("admin/added", admin.site.admin_view(page)),
    path("admin/", admin.site.urls),
    path("members/", login_required(page)),
    path("members/async/", async_page),
    path("members/json/", json_page),
    path("members/form/", csrf_exempt(page)),
    path("members/inherits/dispatch/", InheritsDispatch.as_view()),
    path("members/inherits/class/", InheritsClass.as_view()),
    path("open/inherits/", second_factor_exempt(InheritsClass.as_view())),
    path("members/login-not-required/", LoginOpensNothing.as_view()),
    path("log-in/", log_in),
    path("log-in/async/", log_in_on_the_loop),
    path("members/logout", page, name="logout"),
    path("api/", api.urls),
    path("open/", exempt_page),
    path("open/async/", exempt_async_page),
    path("open/class/", ExemptByDecorator.as_view()),
    path("open/whole-class/", ExemptClass.as_view()),
    path("media/private/<path:path>", login_required(serve), {"document_root": MEDIA}),
    path("media/<path:path>", serve, {"document_root": MEDIA}),
    re_path("^any/(?!missing)", page),
    re_path("^(?:static|health|hooks|HEALTH|VERIFY|/|verify|open)", page),
]
