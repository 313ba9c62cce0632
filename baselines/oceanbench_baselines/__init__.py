"""Mapping methods that come with oceanbench, one file each."""
