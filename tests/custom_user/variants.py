"""The projects that the life cycle is run in: a user model, and a database router."""

__all__ = ["VARIANTS"]

# A process for each takes most of the time, so each has more than one oddity. The name is part of
# that of a database, which has 63 characters at most.
VARIANTS: dict[str, tuple[str, str | None]] = {
    "uuid_key_and_phone_name": ("accounts.UuidUser", None),
    "named_key_in_another_database": ("accounts.NamedKeyUser", "AccountsElsewhere"),
    "inherited_key_and_email_name": ("accounts.InheritingUser", None),
    "text_key_and_stale_replica": ("accounts.TextKeyUser", "StaleReplica"),
}
