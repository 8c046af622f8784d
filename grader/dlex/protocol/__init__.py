"""What the processes of a grading say to each other: frames, values, requests, results.  Imports none of them."""
