"""The comparison of Geostead with other ways to answer the same queries from the same points."""
