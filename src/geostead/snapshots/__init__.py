"""The immutable files of versions, and searching them."""
