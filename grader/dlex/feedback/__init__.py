"""One result rendered many ways: on the screen, as JSON.  Renderers read results and know nothing of grading."""
