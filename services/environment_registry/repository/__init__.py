"""The only room that knows SQL. Every function works on the caller's connection, so in the caller's transaction."""
