"""Reads what students handed in: a confined process parses it, and this one gets plain data."""
