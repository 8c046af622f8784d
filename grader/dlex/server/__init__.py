"""The warm server: it forks attempts and judges, and the client that asks it."""
