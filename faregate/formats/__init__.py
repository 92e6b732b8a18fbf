"""Wire formats: each dialect is a pair of halves around a typed interior, and knows no other dialect."""
