"""The Rasa project: what Rasa 3.6 trains and serves, in an environment of its own.

Run by `nlu/engines/rasa_train.py` and `nlu/engines/rasa_server.py` as child processes; the bot never
imports it. Written for Python 3.10.
"""
