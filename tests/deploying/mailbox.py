"""The organisation's mail server: takes whatever it is sent and forgets it. For `check --deploy` and the mails of the first day."""

import socketserver


class Take(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 mail.example.ir\r\n")
        body = False
        for line in self.rfile:
            if body:
                if line == b".\r\n":
                    body = False
                    self.wfile.write(b"250 taken\r\n")
                continue
            word = line[:4].upper()
            body = word == b"DATA"
            self.wfile.write(b"354 go on\r\n" if body else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


Server(("127.0.0.1", 25), Take).serve_forever()
