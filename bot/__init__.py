"""The assistant: what Rasa learns (`data`, `domain`), reads with (`components`, Rasa's environment) and does (`actions`, the service's)."""
