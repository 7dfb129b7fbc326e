#!/usr/bin/env bash
# A step of a CI script: pipes go in and out, and the second run costs nothing.
# Needs `opcache` on the PATH; with OPCACHE_SERVER set it uses that server, otherwise its own cache folder.
set -euo pipefail
out=${1:?usage: pipe.sh OUTPUT_FOLDER}
files=$(dirname "$0")/files
mkdir -p "$out"

cat "$files/handbook.pdf" | opcache upload - --op convert -p to=txt > "$out/handbook.txt"
opcache upload "$files/stations.csv" --op convert -o - | head -c 200
