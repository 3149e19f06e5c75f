"""Tags customer messages by category and urgency, offline, in many languages.

A leaf: knows nothing of the inbox. Importing it is cheap; scikit-learn, numpy, scipy, the sentence
encoder and py3langid are imported inside functions.
"""
