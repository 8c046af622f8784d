"""Audits of what the checks of an exercise see: worse answers, another seed's answers, and the sizes that are sent."""
