"""Agents' accounts and their sessions."""
