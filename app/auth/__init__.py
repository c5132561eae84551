"""Who is asking, for which store, and what that allows."""
