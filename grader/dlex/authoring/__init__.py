"""What the author of exercises uses: make a new one, and prove that a course keeps its promises."""
