"""A site with django-tenants: all users live in the schema of their tenant."""

from tests.settings import *  # noqa: F403
from tests.settings import _DATABASES, INSTALLED_APPS, MIDDLEWARE

DATABASES = {
    "default": _DATABASES["postgres"] | {"ENGINE": "django_tenants.postgresql_backend"},
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_MODEL, TENANT_DOMAIN_MODEL = "customers.Customer", "customers.Host"
SHARED_APPS = ["django_tenants", "tests.world.customers"]
TENANT_APPS = INSTALLED_APPS
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
MIDDLEWARE = ["django_tenants.middleware.main.TenantMainMiddleware", *MIDDLEWARE]
