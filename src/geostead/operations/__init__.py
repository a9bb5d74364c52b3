"""The verbs of the service: one file, one public function."""
