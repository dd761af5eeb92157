"""Reads sentences with a trained model: a JSON string a line on standard input, Rasa's reading a line on standard output.

Runs in Rasa's environment: python -m bot.read models/bot.tar.gz
"""

import asyncio
import json
import sys

from rasa.core.agent import Agent


async def main(model: str) -> None:
    """Prints one JSON object a sentence, in order."""
    agent = Agent.load(model)
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(await agent.parse_message(json.loads(line)), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
