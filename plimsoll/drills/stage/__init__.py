"""What every drill takes place on: stacks of its own, people at work there, tries and their measures."""
