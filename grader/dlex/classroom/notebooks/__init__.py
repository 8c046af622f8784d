"""nbgrader's side of the classroom: assignments made of exercises, notebooks read, marks written into them."""
