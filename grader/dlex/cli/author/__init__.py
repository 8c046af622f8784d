"""The commands of an author: `dlex author ...`."""
