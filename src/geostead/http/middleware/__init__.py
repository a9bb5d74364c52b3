"""What happens to every request alike, one concern a file."""
