"""Each package under a prefix of its own, included as its documentation says."""

from importlib import import_module

from django.urls import include, path


def _included(package):
    modules = [import_module(f"{package}.urls{name}") for name in ("", ".jwt", ".recovery")]
    patterns = [pattern for module in modules for pattern in module.urlpatterns]
    return include((patterns, package), namespace=package)


urlpatterns = [
    path("django_totp/", _included("django_totp")),
    path("drf_compat/", _included("drf_compat")),
]
