# noqa: A005  a folder of tests bears the name of its room
