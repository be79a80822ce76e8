"""What projects get for their own tests."""
