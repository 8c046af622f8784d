"""What all commands share: how they begin and end, their common options, their help."""
