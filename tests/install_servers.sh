#!/usr/bin/env bash
# Install what tests start: PostgreSQL with PostGIS, HAProxy, and Chromium, which looks at the console. Only what is
# missing, and only where that can be done unasked: as root, through apt-get. Elsewhere, and without a network, this says
# what is skipped.
set -euo pipefail

missing=()
compgen -G "/usr/share/postgresql/*/extension/postgis.control" >/dev/null || missing+=(postgresql postgresql-postgis)
PATH=$PATH:/usr/sbin command -v haproxy >/dev/null || missing+=(haproxy)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing+=(chromium)
[ ${#missing[@]} -gt 0 ] || exit 0

skip() {
    echo "The tests that need ${missing[*]} are skipped: $1." >&2
    exit 0
}

command -v apt-get >/dev/null || skip "install what belongs to them with the package manager of this system"
[ "$(id -u)" = 0 ] || skip "they can be installed by root: apt-get install ${missing[*]}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
install() {
    apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1
}
if ! { install update && install install --yes --no-install-recommends "${missing[@]}"; }; then
    tail -n 5 "$log" >&2
    skip "they could not be installed, see above; most likely there is no network"
fi
