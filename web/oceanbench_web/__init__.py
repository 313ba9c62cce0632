"""The web room: routes, templates, the client that submits; it computes no score and opens no map."""
