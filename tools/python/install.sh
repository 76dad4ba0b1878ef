#!/bin/sh
# Puts the packages of a Python witness into a folder of its own, once for each state of its list:
#   sh tools/python/install.sh                  requirements.txt into .tools/python
#   sh tools/python/install.sh az --no-deps     az.txt into .tools/az
set -eu
cd "$(dirname "$0")/../.."
name=${1:-python}
[ $# -eq 0 ] || shift
requirements=tools/python/$name.txt
[ "$name" != python ] || requirements=tools/python/requirements.txt
sum=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read() + sys.version.encode()).hexdigest())' "$requirements")
stamp=.tools/$name/.installed
# Two that want it at once would take each other's away: the second waits, and finds it.
mkdir -p .tools
exec 9> ".tools/$name.lock"
flock 9
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then
  exit 0
fi
draft=.tools/$name.$$
trap 'rm -rf "$draft"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --require-hashes --only-binary=:all: --no-compile "$@" --target "$draft" -r "$requirements"
echo "$sum" > "$draft/.installed"
rm -rf ".tools/$name"
mv "$draft" ".tools/$name"
