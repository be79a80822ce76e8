"""Finding users as people name them, whatever the project's user model is like.

No field but those that Django asks of every user model is taken for granted: neither `id`,
`username` and `email`, nor `is_staff` and `groups`.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist, ValidationError

from ninja_totp.transactions import database


def all_users() -> Any:  # Any: a queryset of the user model
    """Return the users of the database that decides, as the model's default manager has them."""
    return get_user_model()._default_manager.using(database())  # noqa: SLF001 - a documented name


def has_field(name: str) -> bool:
    """Whether the user model has a column or relation called `name`."""
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def text_fields() -> tuple[str, ...]:
    """Return the fields by which people know a user: the login name, then the address, if any."""
    model = get_user_model()
    names = dict.fromkeys((model.USERNAME_FIELD, model.get_email_field_name()))
    # A name may be a relation or a number, in which no text can be looked for.
    return tuple(
        name
        for name in names
        if has_field(name) and model._meta.get_field(name).get_lookup("icontains") is not None
    )


def address_of(user: AbstractBaseUser) -> str:
    """Return the stored e-mail address of the user, "" if there is none."""
    return str(getattr(user, user.get_email_field_name(), "") or "")


def login_name_of(user: AbstractBaseUser) -> str:
    """Return what the user types to sign in: the name may be a number, or an object."""
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
    """Return the user who signs in as `name`; the model's DoesNotExist when there is nobody."""
    manager = get_user_model()._default_manager.db_manager(database())  # noqa: SLF001
    if "\0" in name:  # PostgreSQL takes none in a text, and would end the transaction
        raise get_user_model().DoesNotExist
    try:
        # As ModelBackend does: a manager may compare names in a way of its own.
        if hasattr(manager, "get_by_natural_key"):
            user: AbstractBaseUser = manager.get_by_natural_key(name)
            return user
        return all_users().get(**{get_user_model().USERNAME_FIELD: name})  # type: ignore[no-any-return]
    except (ValueError, ValidationError):  # no value that the column could hold
        raise get_user_model().DoesNotExist from None


def user_by_key(text: str) -> AbstractBaseUser:
    """Return the user whose primary key is written `text`; the model's DoesNotExist if nobody's."""
    user: AbstractBaseUser = all_users().get(pk=key_written(text))
    return user


def user_meant(pk: Any, username: str) -> AbstractBaseUser | None:
    """Return the user with this key, if it is the one that signs in as `username`."""
    user: AbstractBaseUser | None = all_users().filter(pk=pk).first()
    return user if user is not None and login_name_of(user) == username else None


def key_written(text: str) -> Any:
    """Return the primary key that `text` is; None when no user can have such a key."""
    field = get_user_model()._meta.pk
    try:
        key = field.to_python(text)
        field.run_validators(key)  # a number must also fit into the column
    except ValidationError:
        return None
    return key if "\0" not in text else None  # which PostgreSQL refuses
