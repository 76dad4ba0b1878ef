#!/bin/sh
# Puts the Python witnesses' packages into .tools/python, once for each state of requirements.txt.
set -eu
cd "$(dirname "$0")/../.."
requirements=tools/python/requirements.txt
sum=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read() + sys.version.encode()).hexdigest())' "$requirements")
stamp=.tools/python/.installed
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then
  exit 0
fi
draft=.tools/python.$$
trap 'rm -rf "$draft"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --require-hashes --only-binary=:all: --target "$draft" -r "$requirements"
echo "$sum" > "$draft/.installed"
rm -rf .tools/python
mv "$draft" .tools/python
