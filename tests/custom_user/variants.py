"""The projects that the life cycle is run in: a user model, and a database router."""

__all__ = ["VARIANTS"]

VARIANTS: dict[str, tuple[str, str | None]] = {
    "uuid_key": ("accounts.UuidUser", None),
    "no_username": ("accounts.EmailUser", None),
    "named_key_in_another_database": ("accounts.NamedKeyUser", "AccountsElsewhere"),
    "integer_name": ("accounts.IntegerNameUser", None),
    "phone_name": ("accounts.PhoneUser", None),
    "inherited_uuid_key": ("accounts.InheritingUser", None),
    "soft_delete": ("accounts.SoftDeletedUser", None),
    "text_key_and_stale_replica": ("accounts.TextKeyUser", "StaleReplica"),
}
