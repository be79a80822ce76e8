"""Account recovery after a lost phone: links by email, and what a recovery ends."""
