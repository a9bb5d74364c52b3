"""Passwords that are hashed quickly: with the library's advice each one takes a twentieth of a second and 64 MB."""

from __future__ import annotations

from dataclasses import dataclass

import argon2


@dataclass
class CountingHasher:
    """Hashes as the library does, with next to no memory, and counts how often it verifies."""

    hasher: argon2.PasswordHasher
    verified: int = 0

    def hash(self, password: bytes) -> str:
        return self.hasher.hash(password)

    def verify(self, known: str, password: bytes) -> bool:
        self.verified += 1
        return self.hasher.verify(known, password)

    def check_needs_rehash(self, known: str) -> bool:
        return self.hasher.check_needs_rehash(known)


def quick_hasher() -> CountingHasher:
    return CountingHasher(argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
