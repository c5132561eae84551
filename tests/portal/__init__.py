"""The customer portal, asked over its wire."""
