"""An HTTP server that goes wrong as its path says, for tests of jobs and sweeps: http_faults.py; prints its port first.

  /reset    100 of 1000 bytes, then a reset      /silent   no answer
  /status/S that status                          /gate/N   see below
  /differs  a body that is another each time     /trickle  200 with a body of 10 bytes, a byte at a time
  /longer   10 bytes, and 10 more                /closes   200, then the end, which it had not announced
  else      200 with a body of 10 bytes
  /gate/N   N requests are answered, and so many more as a file `open` in its folder says: an empty one, all
  and what WRONG and ENDLESS list
"""
import itertools
import os
import socket
import struct
import threading
import time

LIFE_S = 170
COUNT = itertools.count()
AT_THE_GATE = itertools.count()


def ok(body, length=None, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {length or len(body)}\r\n\r\n{body}".encode()


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

# Answers after which the connection ends.
WRONG = {
    "/garbage": b"what?\r\n\r\n",
    "/nothing": b"",
    "/half": HEAD + b"Content-Le",
    "/short": HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 100,
    "/cut": CHUNKED + b"10\r\nhalf",
    "/negative": HEAD + b"Content-Length: -5\r\n\r\nxxxxx",
    "/lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
    "/overflow": HEAD + b"Content-Length: 99999999999999999999\r\n\r\nxxxxx",
    "/chunk": CHUNKED + b"zz\r\nxxxxx\r\n0\r\n\r\n",
    "/chunks": CHUNKED + b"fffffffffffffffff\r\nxxxxx\r\n0\r\n\r\n",
    "/version": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "/line": HEAD + b"X: " + b"x" * 1_000_000 + b"\r\nContent-Length: 0\r\n\r\n",
}

# What is sent, and what is sent again and again after it.
ENDLESS = {
    "/headers": (HEAD, b"X: x\r\n" * 100),
    "/continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "/chunked": (CHUNKED, b"5\r\nxxxxx\r\n" * 100),
    "/body": (HEAD + b"\r\n", b"x" * 1000),
}


def let_through():
    if not os.path.exists("open"):
        return 0
    with open("open") as f:
        return float(f.read() or "inf")


def wait_at_gate(at_once):
    place = next(AT_THE_GATE)
    while place >= at_once + let_through():
        time.sleep(0.02)


def serve(s):
    s.settimeout(LIFE_S)
    data = b""
    try:
        while part := s.recv(4096):
            data += part
            if b"\r\n\r\n" not in data:
                continue
            path = data.split(b" ")[1].decode()
            data = b""
            if path == "/reset":
                s.sendall(ok("x" * 100, 1000))
                time.sleep(0.02)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if path in WRONG:
                s.sendall(WRONG[path])
                return
            if path in ENDLESS:
                s.sendall(ENDLESS[path][0])
                while True:
                    s.sendall(ENDLESS[path][1])
            if path == "/silent":
                continue
            if path == "/closes":
                s.sendall(ok("x" * 10))
                return
            if path.startswith("/gate/"):
                wait_at_gate(int(path.split("/")[2]))
            if path.startswith("/status/"):
                s.sendall(ok("no", status=f"{path.split('/')[2]} So"))
            elif path == "/differs":
                s.sendall(ok(f"{next(COUNT):010}"))
            elif path == "/trickle":
                for byte in ok("x" * 10):
                    s.sendall(bytes([byte]))
            elif path == "/longer":
                s.sendall(ok("x" * 20, 10))
            else:
                s.sendall(ok("x" * 10))
    except OSError:
        pass
    finally:
        s.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=128)
listener.settimeout(LIFE_S)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
