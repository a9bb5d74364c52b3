"""What tells an operator how it goes: counts, traces. Every room may count and trace; nobody waits for it."""
