"""Rasa graph components. They run on Python 3.10, in Rasa's environment, and import nothing of the project but `language`."""
