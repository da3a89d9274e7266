"""What a deployment's own files say."""
