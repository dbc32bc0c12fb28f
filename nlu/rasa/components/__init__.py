"""Components of the Rasa pipeline that Rasa itself does not have."""
