"""Positions, distances, boxes and WKT: the only room that says x and y."""
