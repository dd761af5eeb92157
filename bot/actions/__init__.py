"""What the assistant does and says, in the service's environment: rasa-sdk actions on the features of the project."""
