"""The patient's loop: what happened and what came of it, the plan, and what the patient has opened."""
