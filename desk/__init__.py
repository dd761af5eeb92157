"""The agents' console: queues, messages, and what the machine read in them."""
