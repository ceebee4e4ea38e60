"""From a question in somebody's own words to a topic: language, analysis of words, index, decision."""
