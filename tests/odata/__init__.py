"""The Liftoff face, through OData."""
