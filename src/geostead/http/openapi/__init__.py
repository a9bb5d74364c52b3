"""The description of the whole API in OpenAPI 3.1: plain data, put together from the code's own words and numbers."""
