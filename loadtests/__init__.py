"""What `locust -f loadtests/` runs. Locust takes every file here without a leading underscore for a locustfile."""
