"""The wheel for students: stubs, public checks and data, and proof that nothing else is in it."""
