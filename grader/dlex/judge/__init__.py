"""The judge process: it runs a spec against an attempt, and says what was wrong and why."""
