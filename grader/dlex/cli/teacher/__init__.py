"""The commands of a teacher: `dlex class ...` and `dlex release`."""
