"""One file for each kind of package, and for what they have in common."""
