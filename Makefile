# Every task a person runs.
.DEFAULT_GOAL := help
