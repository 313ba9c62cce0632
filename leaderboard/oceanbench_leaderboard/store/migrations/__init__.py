"""The steps by which the tables came to be what they are, none of which is changed once released."""
