"""`shian demo`: a believable fortnight in a fresh database, told by the real code on a set clock."""
