"""Conversations with visitors: what was said, who speaks now, and which agents are there to answer."""
