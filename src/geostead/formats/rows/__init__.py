"""From rows of text to checked entities, and from values back to text: every format passes here."""
