"""What an attacker who knows the password gets in years, through the services and a virtual clock."""
