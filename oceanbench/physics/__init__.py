"""Physics of the ocean and of its observation from space."""
