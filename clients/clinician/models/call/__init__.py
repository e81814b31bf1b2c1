"""Calls by voice and video, within a consultation."""
