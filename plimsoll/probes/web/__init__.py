"""What a site answers to requests as browsers and scrapers make them."""
