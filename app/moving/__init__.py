"""Moving in and out: customers with all that belongs to them, from files and into files."""
