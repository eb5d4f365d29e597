"""Who wrote it: what the repository in which the documents lie says of their authors."""
