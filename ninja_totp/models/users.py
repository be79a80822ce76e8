"""Find users by name, for any user model.

Uses only the fields that Django requires of every user model: not `id`, `username` and `email`, nor
`is_staff` and `groups`.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist, ValidationError

from ninja_totp.transactions import database


def all_users() -> Any:  # Any: a queryset of the user model
    """Return the users of the default manager, from the database for writing."""
    return get_user_model()._default_manager.using(database())  # noqa: SLF001 - a documented name


def has_field(name: str) -> bool:
    """Whether the user model has a field or relation called `name`."""
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def text_fields() -> tuple[str, ...]:
    """Return the fields for searching users: the login name, and the email address if any."""
    model = get_user_model()
    names = dict.fromkeys((model.USERNAME_FIELD, model.get_email_field_name()))
    # A name may be a relation or a number, which cannot be searched for text.
    return tuple(
        name
        for name in names
        if has_field(name) and model._meta.get_field(name).get_lookup("icontains") is not None
    )


def address_of(user: AbstractBaseUser) -> str:
    """Return the email address of the user, "" if there is none."""
    return str(getattr(user, user.get_email_field_name(), "") or "")


def login_name_of(user: AbstractBaseUser) -> str:
    """Return the login name as text: it may be a number, or an object."""
    return str(user.get_username())


def can_be_name(name: str) -> bool:
    """Whether the column of login names could hold `name`."""
    model: Any = get_user_model()
    try:
        model._meta.get_field(model.USERNAME_FIELD).to_python(name)
    except ValidationError:
        return False
    return True


def user_named(name: str) -> AbstractBaseUser:
    """Return the user with the login name `name`. Raises the model's DoesNotExist."""
    manager = get_user_model()._default_manager.db_manager(database())  # noqa: SLF001
    if "\0" in name:  # PostgreSQL refuses it and aborts the transaction
        raise get_user_model().DoesNotExist
    try:
        # As ModelBackend does: a manager may compare names in its own way.
        if hasattr(manager, "get_by_natural_key"):
            user: AbstractBaseUser = manager.get_by_natural_key(name)
            return user
        return all_users().get(**{get_user_model().USERNAME_FIELD: name})  # type: ignore[no-any-return]
    except (ValueError, ValidationError):  # not a valid value of the column
        raise get_user_model().DoesNotExist from None


def user_by_key(text: str) -> AbstractBaseUser:
    """Return the user with this primary key as text. Raises the model's DoesNotExist."""
    user: AbstractBaseUser = all_users().get(pk=key_written(text))
    return user


def user_meant(pk: Any, username: str) -> AbstractBaseUser | None:
    """Return the user with this primary key, if the login name is `username`."""
    user: AbstractBaseUser | None = all_users().filter(pk=pk).first()
    return user if user is not None and login_name_of(user) == username else None


def key_written(text: str) -> Any:
    """Return `text` as a primary key; None if it is not a valid one."""
    field = get_user_model()._meta.pk
    try:
        key = field.to_python(text)
        field.run_validators(key)  # a number must fit into the column
    except ValidationError:
        return None
    return key if "\0" not in text else None  # which PostgreSQL refuses
