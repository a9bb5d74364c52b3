"""What was used last is kept, what is no longer current is let go."""

from geostead.snapshots.cache import RecentlyUsed


class Shelf:
    """Makes things by name and counts how often."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.gone: set[str] = set()
        self.kept = RecentlyUsed(2, self.make, lambda name: name not in self.gone)

    def make(self, name: str) -> str:
        self.made.append(name)
        return name.upper()


def test_what_is_kept_is_not_made_again() -> None:
    shelf = Shelf()
    assert [shelf.kept.get("a"), shelf.kept.get("a")] == ["A", "A"]
    assert shelf.made == ["a"]


def test_beyond_the_capacity_the_least_recently_used_goes_first() -> None:
    shelf = Shelf()
    for name in "abac":
        shelf.kept.get(name)
    shelf.kept.get("a")
    shelf.kept.get("b")
    assert shelf.made == ["a", "b", "c", "b"]


def test_what_is_dropped_is_made_again() -> None:
    shelf = Shelf()
    shelf.kept.get("a")
    shelf.kept.drop("a")
    shelf.kept.drop("never kept")
    shelf.kept.get("a")
    assert shelf.made == ["a", "a"]


def test_what_is_no_longer_current_is_let_go_when_something_else_is_made() -> None:
    shelf = Shelf()
    shelf.kept.get("a")
    shelf.gone.add("a")
    shelf.kept.get("a")
    shelf.kept.get("b")
    shelf.kept.get("a")
    assert shelf.made == ["a", "b", "a"]
