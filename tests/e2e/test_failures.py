"""What can go wrong on the way, and what is told of it."""
