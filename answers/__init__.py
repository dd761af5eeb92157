"""What the assistant says of the Region's service: written, dated content files that an editor can change while it runs."""
