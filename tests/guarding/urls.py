"""Endpoints of a project's own, each guarded in another way, beside the doors."""

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import include, path
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.security import HttpBearer, django_auth
from ninja_jwt.authentication import AsyncJWTAuth, JWTAuth

from ninja_totp.api import handle_totp_errors, second_factor, step_up_responses
from ninja_totp.views import SecondFactorRequiredMixin, VerifyView, second_factor_required

PROJECTS = "projects"  # its TOTP errors are handled; "bare" knows nothing of them


class _Stranger(HttpBearer):
    def authenticate(self, request, token):
        return "a text"


def _whoami(request):
    return {"user": request.auth.get_username()}


async def _awhoami(request):
    return _whoami(request)


async def _everybody(request):
    return None


def _api(name):
    api = NinjaAPI(urls_namespace=name, title=name)
    answers = {200: dict[str, str], **step_up_responses}
    api.post("/sync", auth=second_factor(JWTAuth(), max_age=60), response=answers)(_whoami)
    api.post("/async", auth=second_factor(max_age=60)(AsyncJWTAuth()))(_awhoami)
    api.post("/sync-behind-async", auth=second_factor(JWTAuth(), max_age=60))(_awhoami)
    api.post("/session", auth=second_factor(django_auth, max_age=60), response=answers)(_whoami)
    api.post("/either", auth=[second_factor(JWTAuth()), second_factor(django_auth)])(_whoami)
    api.post("/stranger", auth=second_factor(_Stranger()))(_whoami)
    api.post("/function", auth=second_factor(_everybody))(_awhoami)
    return api


projects, bare = _api(PROJECTS), _api("bare")
handle_totp_errors(projects)


@second_factor_required(max_age=60)
def page(request, name=""):
    return HttpResponse(f"page {name}")


@second_factor_required
async def async_page(request):
    return HttpResponse("page")


class ClassPage(SecondFactorRequiredMixin, View):
    second_factor_max_age = 60

    def get(self, request):
        return HttpResponse("page")

    post = get


class AsyncClassPage(SecondFactorRequiredMixin, View):
    async def get(self, request):
        return HttpResponse("page")


@login_required
def members(request):
    return HttpResponse("page")


stock_site = AdminSite("stock")


urlpatterns = [
    path("", include("tests.urls")),
    path("projects/", projects.urls),
    path("bare/", bare.urls),
    path("page", page),
    path("page/<name>", page),
    path("exempt-page", csrf_exempt(page)),
    path("async-page", async_page),
    path("class-page", ClassPage.as_view()),
    path("async-class-page", AsyncClassPage.as_view()),
    path("verify/", VerifyView.as_view(), name="verify"),
    path("verify-and-go/", VerifyView.as_view(next_page="/page")),
    path("stock/", stock_site.urls),
    path("members", members),
]
