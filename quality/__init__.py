"""Published results of the quality of service."""
