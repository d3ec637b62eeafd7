"""The gRPC room: parses, calls, renders."""
