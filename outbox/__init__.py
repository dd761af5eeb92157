"""Mails that the service sends: kept with what they answer, composed, sent until the server takes them or refuses them for good."""
