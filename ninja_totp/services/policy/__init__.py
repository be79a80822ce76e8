"""Which users must have a second factor, which are exempted, and how well guessing is bounded."""
