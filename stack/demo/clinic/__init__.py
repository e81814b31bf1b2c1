"""A clinic of two dozen patients, for the pictures of the clinician's app."""
