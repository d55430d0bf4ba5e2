"""Servers on loopback that behave as the ministry's site, Telegram's preview and a web archive do."""
