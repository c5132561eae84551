"""Moving in and out: from the command line, on both databases."""
