"""What ``geostead serve`` says until there is somebody who can sign in to the console."""

from __future__ import annotations

import shlex

from geostead.operations.is_first_start import is_first_start
from geostead.operations.list_accounts import list_accounts
from geostead.settings import Settings
from geostead.wiring.installation import prepared_services
from geostead.wiring.processes import data_dir_option


def first_user_hint(settings: Settings) -> str:
    """Return how the first user is made; '' if there is one, or no console. Raises Unavailable."""
    if not settings.console:
        return ""
    with prepared_services(settings) as services:
        if not is_first_start(services):
            return ""
        accounts = list_accounts(services)
    end = data_dir_option(settings)
    account = shlex.quote(accounts[0].name) if accounts else "NAME"
    first = "" if accounts else f"  geostead account create {account}{end}\n"
    return (
        "Nobody can sign in to the console yet. Make the first user with\n"
        f"{first}  geostead user create EMAIL --account {account} --role owner{end}"
    )
