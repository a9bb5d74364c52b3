"""The console: pages for people who manage data sources without writing code. It calls operations, never storage."""
