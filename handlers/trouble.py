"""How calls of Slack's Web API fail."""

from slack_sdk.errors import SlackApiError, SlackClientError

TROUBLE = (SlackApiError, SlackClientError, OSError, TimeoutError)
"""What a call raises where Slack refuses it or does not answer."""

INVITE = frozenset({"not_in_channel", "channel_not_found"})
"""What Slack says of a channel that the app has to be invited to."""
