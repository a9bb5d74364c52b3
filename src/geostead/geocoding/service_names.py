"""The names of geocoding services, apart from what it takes to ask them: settings know the names."""

from __future__ import annotations

WITHOUT_KEY = ("arcgis", "nominatim", "pelias", "photon")
"""Those that answer without a key; a server of Pelias may want one."""
WITH_KEY = ("azure", "geocode-earth", "google", "mapbox", "opencage", "tomtom")
WITHOUT_PUBLIC_SERVER = ("pelias",)
