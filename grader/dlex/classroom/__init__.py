"""The classroom: a whole class graded, here or on a cluster, with nbgrader's notebooks and gradebook, and reports."""
