"""What people see: Block Kit built from domain values. Pure functions, one file a surface."""

from bot.blocks import files, notes
from bot.blocks.card import APPROVE, REJECT, RETRY, STOP, WITHDRAW, button_value, card, parse_button_value
from bot.blocks.deletion import deletion
from bot.blocks.explain import explanation
from bot.blocks.help import help_message
from bot.blocks.listing import PROPOSE, listing
from bot.blocks.message import Block, Message
from bot.blocks.overview import overview
from bot.blocks.problem import problem, unexpected
from bot.blocks.report import report
from bot.blocks.whole import whole_repository

__all__ = [
    "APPROVE",
    "PROPOSE",
    "REJECT",
    "RETRY",
    "STOP",
    "WITHDRAW",
    "Block",
    "Message",
    "button_value",
    "card",
    "deletion",
    "explanation",
    "files",
    "help_message",
    "listing",
    "notes",
    "overview",
    "parse_button_value",
    "problem",
    "report",
    "unexpected",
    "whole_repository",
]
