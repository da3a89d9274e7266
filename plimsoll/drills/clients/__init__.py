"""Those who use the application while a drill goes on, and know what they were told."""
