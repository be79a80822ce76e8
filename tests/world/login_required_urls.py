"""The URLs of the test project, opened to callers without a session."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from tests import urls

ninja_urls = urls.api.urls
for pattern in ninja_urls[0]:
    login_not_required(pattern.callback)

urlpatterns = [path("ninja/", ninja_urls), *urls.urlpatterns[1:]]
