"""The web room: routes, templates, the client of ``oceanbench submit``; it computes no score and opens no map."""
