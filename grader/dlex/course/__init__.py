"""The course as data: exercises, checks, hints and attempts, read and validated.  No torch here."""
