"""One report on several engines: measured together, on the same held-out sentences.

`measure.py` turns what an engine understood into numbers, `document.py` and `figures.py` turn
numbers into Markdown and pictures. Routing is known elsewhere and handed in as a function.
"""
