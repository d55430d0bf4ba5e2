"""New pages and posts over HTTP: what is asked, how politely, and what is kept of each answer.

    memory ─► plan ─► session (robots, budget, pause, request, capture) ─► append

The archive is the only memory: whatever was asked is a capture, and what is due follows from the captures. So a crawl
that was cut off goes on where it was, from any process.
"""
