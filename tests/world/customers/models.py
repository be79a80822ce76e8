"""What django-tenants asks for: a tenant, and the hosts that lead to it."""

from django_tenants.models import DomainMixin, TenantMixin


class Customer(TenantMixin):
    """A tenant. Its schema is made when it is saved."""

    auto_create_schema = True

    class Meta:
        app_label = "customers"


class Host(DomainMixin):
    """A host of a tenant."""

    class Meta:
        app_label = "customers"
