"""The host of a deployment as a drill has it: a folder of the run where scripts run unchanged, and stand-ins."""
