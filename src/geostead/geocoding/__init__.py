"""Addresses to places and back: a port, and the geocoders behind it."""
