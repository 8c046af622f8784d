#!/usr/bin/env bash
# Gradescope runs this once, while it builds the image of the autograder.  Written by `dlex class autograder`.
set -euo pipefail

BASE="${DLEX_BASE:-/autograder}"
SOURCE="$BASE/source"
VENV="$BASE/venv"
# The CPU build of torch is a tenth of the size of the other.
TORCH_INDEX="${DLEX_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}"

find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if ! PYTHON="$(find_python)"; then
    apt-get update
    apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv
    PYTHON="$(find_python)" || { echo "dlex needs Python 3.11 or later: choose a newer base image." >&2; exit 1; }
fi

"$PYTHON" -P -m venv "$VENV"
"$VENV/bin/python" -P -m pip install --quiet --index-url "$TORCH_INDEX" -r "$SOURCE/torch.txt"
"$VENV/bin/python" -P -m pip install --quiet "$SOURCE"/dlex-*.whl
"$VENV/bin/python" -P -m compileall -q "$VENV"/lib/python3*/site-packages/dlex || true

# What students' code must never read stays with root, as whom the judge runs; that code runs as another user.
rm -f "$SOURCE"/dlex-*.whl
for COURSE in "$SOURCE/course" "$VENV"/lib/python3*/site-packages/dlex/_course; do
    if [ -d "$COURSE" ]; then
        chmod -R go-rwx "$COURSE/solutions" "$COURSE/grader"
    fi
done
"$VENV/bin/python" -P -m dlex doctor || true
