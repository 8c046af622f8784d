"""The attempt process: it loads the learner's code, and answers the judge with plain data."""
