"""A stand-in for Slack: its Web API, its deliveries over HTTP and Socket Mode, and a page to use it in a browser."""
