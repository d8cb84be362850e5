"""`python -m bank_simulator --port 8001`: the simulated bank until it is ended. No Django, no portal."""

import argparse
import os
from pathlib import Path

from .books import Books
from .server import Bank


def serve(host: str, port: int, data: Path | str, secret: str, patience: float = 60.0) -> None:
    bank = Bank((host, port), Books(data), secret, patience)
    print(f"bank: http://{host}:{bank.server_address[1]}/", flush=True)
    try:
        bank.serve_forever()
    except KeyboardInterrupt:
        return


def main() -> None:
    parser = argparse.ArgumentParser(prog="bank_simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("BANK_PORT") or 8001), help="0 takes a free one")
    folder = Path(os.environ.get("VAR_DIR") or "var")
    parser.add_argument("--data", default=None, help="the books, an SQLite file; :memory: forgets them at the end")
    parser.add_argument("--secret", default=os.environ.get("BANK_SECRET") or "bank-simulator-secret")
    parser.add_argument(
        "--patience", type=float, default=60.0, help="seconds for which a mute bank keeps callers waiting"
    )
    options = parser.parse_args()
    if options.data is None:
        folder.mkdir(parents=True, exist_ok=True)
        options.data = str(folder / "bank.sqlite3")
    serve(options.host, options.port, options.data, options.secret, options.patience)


if __name__ == "__main__":
    main()
