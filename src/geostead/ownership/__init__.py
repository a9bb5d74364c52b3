"""Whose the places are that an installation keeps its files in."""
