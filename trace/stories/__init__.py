"""Stories: what a page tells of a pack, from the villages to the shop, and nothing that may not be told.

A story names villages, firms and laboratories; never a person, a plot, a weight of one grower or a price. It is free of
language: words of the chain come with both their names. One statement brings all of it, whatever the size.
"""

from trace.stories.reading import StoryShelf, read_story
from trace.stories.telling import Stage, Story, Word, group_steps

__all__ = ["Stage", "Story", "StoryShelf", "Word", "group_steps", "read_story"]
