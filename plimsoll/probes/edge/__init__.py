"""What the edge does with requests that are odd, many, slow or meant for one of several replicas."""
