"""The page that a clinician prints: `render.render`, from the messages of the contract alone."""
