"""What a glucose value is: units, their one conversion, what is physically possible. A library of its own."""
