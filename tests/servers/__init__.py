"""Real servers for the tests: each starts on loopback in a folder of its own, and ends with the test."""
