"""French text for both environments (Python 3.10 for Rasa, 3.12 for the service): normal form, embeddings, linear heads."""
