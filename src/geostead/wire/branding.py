"""What replies say about who made them. The one place to change for an installation under another flag."""

from __future__ import annotations

COPYRIGHT = "Served by Geostead. The entities belong to whoever loaded them; their terms apply."
"""Stands in every reply, where clients of the original service expect a copyright notice."""

DISCLAIMER = (
    "Only the account that owns this data source changes it and answers for it; whoever runs this server does not."
)
"""Stands beside every data source in the list of public ones."""

LOGO_PATH = "/branding/logo.png"
"""Path of the image that ``brandLogoUri`` refers to, below the base URL."""
