"""Which users must have 2FA and how many do, and how well guessing is limited."""
