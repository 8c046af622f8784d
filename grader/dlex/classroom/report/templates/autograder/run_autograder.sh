#!/usr/bin/env bash
# Gradescope runs this for each submission.  Written by `dlex class autograder`.
# Whatever happens, there is a results.json at the end.

BASE="${DLEX_BASE:-/autograder}"
PYTHON="${DLEX_PYTHON:-$BASE/venv/bin/python}"
# Less than the ten minutes that Gradescope gives unless told otherwise, so that it is us who say what happened.
LIMIT="${DLEX_SECONDS:-540}"

mkdir -p "$BASE/results"
chmod 700 "$BASE/results"
# It stands for "the grader failed" until there is something better.
cp "$BASE/source/failed.json" "$BASE/results/results.json"

# -I: nothing that lies in this folder is imported in place of dlex.
timeout -k 10 "$LIMIT" "$PYTHON" -I -m dlex.classroom.report.autograder_run "$BASE"
STATUS=$?
if [ "$STATUS" -ne 0 ]; then
    echo "dlex ended with status $STATUS."
fi
exit 0
