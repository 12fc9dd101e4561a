"""The page of the Slack stand-in, in a real Chromium."""
