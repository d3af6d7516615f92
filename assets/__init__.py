"""What comes with the program: songs and trained models."""
