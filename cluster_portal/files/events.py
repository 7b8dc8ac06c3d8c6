"""What the room tells itself after a commit, by name."""

#: A file's row is gone: {"path": where its content lies}.
FILE_REMOVED = "files.removed"
