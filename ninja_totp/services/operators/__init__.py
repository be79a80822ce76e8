"""What operators do and see: reset, unlock, exempt, inspect, re-encrypt, prune."""
