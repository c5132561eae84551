"""What may have become of a delivery."""

PENDING, SUCCESSFUL, FAILED = "pending", "successful", "failed"
