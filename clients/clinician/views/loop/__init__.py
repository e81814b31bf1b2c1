"""The patient's loop: the timeline, the plan and its editor, and the access to both."""
