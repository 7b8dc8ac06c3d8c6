"""HTML plumbing: middleware, menu, template tags, forms and the views of the shell itself."""
