"""Pages of docs/ that are made of what is true elsewhere."""
