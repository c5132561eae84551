"""A program of its own: reads queries and a document, and says of each query whether it is satisfied.

`app.portal.matching` runs it, without Patron's environment and its secrets. It reads a line with a JSON array
of queries, then the document, and answers with a line for each: true, false, or null where it failed.
"""

import json
import resource
import sys

MOST_BYTES = 512 * 1024 * 1024
MOST_SECONDS = 10
"""Of the processor: whoever runs this waits for less."""


def main() -> None:
    """Answers each query as soon as it is known."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    queries = json.loads(sys.stdin.buffer.readline())
    document = json.loads(sys.stdin.buffer.read())
    for query in queries:
        print(json.dumps(_satisfied(query, document)), flush=True)  # noqa: T201 - to whoever runs this


def _satisfied(query: str, document: object) -> bool | None:
    """Whether what a query gives is true in JavaScript's sense, as Foxy's pages look at it."""
    from jsonata import Jsonata

    try:
        result = Jsonata(query).evaluate(document)
    except Exception:  # whatever is the matter with it, it says nothing
        return None
    return isinstance(result, dict | list) or bool(result)


if __name__ == "__main__":
    main()
