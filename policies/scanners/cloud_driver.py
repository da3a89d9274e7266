"""A cloud's API, asked call by call: a line of JSON on standard input for each, one on standard output for its answer.

Run by the interpreter of the environment that drills.txt is installed in; endpoint and keys are the environment's.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ONCE = Config(retries={"max_attempts": 1, "mode": "standard"})
"""A stand-in that does not answer the first time does not know the call."""


def main():
    """Every call of standard input is answered, in order."""
    clients = {}
    for line in sys.stdin:
        call = json.loads(line)
        key = call["service"], call["region"]
        try:
            if key not in clients:
                clients[key] = boto3.client(key[0], region_name=key[1], config=ONCE)
            answer = {"said": getattr(clients[key], call["operation"])(**call["parameters"])}
        except (ClientError, BotoCoreError) as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
