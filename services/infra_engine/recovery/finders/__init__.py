"""One finder a type: given the account and what the stack wants, what of it is there."""
