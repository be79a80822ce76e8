"""Which users must have 2FA, and how well guessing is limited."""
