"""User models as projects have them: keys of another kind, keys of another name, no user name."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

__all__ = [
    "EmailUser",
    "InheritingUser",
    "IntegerNameUser",
    "NamedKeyUser",
    "Party",
    "PhoneUser",
    "SoftDeletedUser",
    "TextKeyUser",
    "UuidUser",
]


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
    """A UUID for a key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True)

    USERNAME_FIELD = "username"


class NamedKeyUser(_User):
    """A key that is not called id."""

    member_number = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=150, unique=True)

    USERNAME_FIELD = "username"


class TextKeyUser(_User):
    """The name itself for a key: the longest and oddest text that a name may be."""

    login = models.CharField(max_length=150, primary_key=True)

    USERNAME_FIELD = "login"


class EmailUser(_User):
    """No user name: people sign in by their e-mail address."""

    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"


class IntegerNameUser(_User):
    """People sign in by a number, such as that of a badge."""

    badge = models.BigIntegerField(unique=True)

    USERNAME_FIELD = "badge"


class PhoneUser(_User):
    """People sign in by their telephone number."""

    phone = PhoneNumberField(unique=True)

    USERNAME_FIELD = "phone"


class Party(models.Model):
    """A person or a company."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    def __str__(self) -> str:
        return str(self.uid)


class InheritingUser(_User, Party):
    """The key is a relation to the parent's row, whose key is a UUID."""

    username = models.CharField(max_length=150, unique=True)

    USERNAME_FIELD = "username"


class _Present(_Manager):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(deleted_at=None)


class SoftDeletedUser(_User):
    """A deleted user stays in the table, where the default manager does not see the row."""

    username = models.CharField(max_length=150, unique=True)
    deleted_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "username"
    objects = _Present()

    def delete(self, *_: Any, **__: Any) -> Any:
        """Mark the user as deleted."""
        self.deleted_at = timezone.now()
        self.save()
