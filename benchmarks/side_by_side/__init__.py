"""What `classroom.py` is made of: a class, the tools that grade it, what that costs, and whether it can be stopped."""
