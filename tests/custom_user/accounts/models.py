"""User models as projects have them: keys of another kind, keys of another name, no user name."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

__all__ = ["InheritingUser", "NamedKeyUser", "Party", "TextKeyUser", "UuidUser"]


class _Manager(BaseUserManager[Any]):
    def create_user(self, name: str, *, password: str) -> Any:
        user = self.model(**{self.model.USERNAME_FIELD: name})
        user.set_password(password)
        user.save(using=self._db)
        return user


class _User(AbstractBaseUser):
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = _Manager()

    class Meta:
        abstract = True


class UuidUser(_User):
    """A UUID for a key. People sign in by their telephone number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = PhoneNumberField(unique=True)

    USERNAME_FIELD = "phone"


class NamedKeyUser(_User):
    """A key that is not called id. People sign in by a number, such as that of a badge."""

    member_number = models.BigAutoField(primary_key=True)
    badge = models.BigIntegerField(unique=True)

    USERNAME_FIELD = "badge"


class Party(models.Model):
    """A person or a company."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    def __str__(self) -> str:
        return str(self.uid)


class InheritingUser(_User, Party):
    """The key is a relation to the parent's row. People sign in by their e-mail address."""

    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"


class _Present(_Manager):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(deleted_at=None)


class TextKeyUser(_User):
    """The name itself for a key: the longest and oddest text that a name may be. No e-mail address.

    A deleted user stays in the table, where the default manager does not see the row.
    """

    login = models.CharField(max_length=150, primary_key=True)
    email = models.EmailField(null=True)  # noqa: DJ001 - as projects have it
    deleted_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "login"
    objects = _Present()

    def delete(self, *_: Any, **__: Any) -> Any:
        """Mark the user as deleted."""
        self.deleted_at = timezone.now()
        self.save()
