"""The Liftoff face: the same customers through OData, at /odata/v1/."""
