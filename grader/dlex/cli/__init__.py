"""The commands, one module a group.  Nothing here imports torch, and little is imported before it is needed."""
