"""What an attacker who knows the password gets in years, by a virtual clock."""
