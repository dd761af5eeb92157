"""The gateway between the widget and Rasa: unguessable conversations, limits, history, and a sentence when the bot is silent."""
