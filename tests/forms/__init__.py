"""The same posts in every form of Telegram: `made` has the posts, the other modules write them.

Shapes follow the programs that write the forms; channel, people and words are made up.
"""
