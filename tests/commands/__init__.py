"""The operators' commands, as an operator types them."""
