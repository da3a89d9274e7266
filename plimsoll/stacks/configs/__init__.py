"""What configuration artefacts say, and how they read once addresses and files are where a stack has them."""
