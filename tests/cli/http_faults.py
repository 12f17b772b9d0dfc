"""An HTTP server that goes wrong as its path says, for tests of jobs and sweeps: http_faults.py; prints its port first.

  /reset    100 of 1000 bytes, then a reset      /short    100 of 1000 bytes, then an orderly end
  /silent   no answer                            /garbage  an answer that is not HTTP
  /nothing  closes without an answer             /status/S that status
  /differs  a body that is another each time     else      200 with a body of 10 bytes
  /gate/N   N requests are answered, and so many more as a file `open` in its folder says: an empty one, all
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
            if path == "/short":
                s.sendall(ok("x" * 100, 1000))
                return
            if path == "/garbage":
                s.sendall(b"what?\r\n\r\n")
                return
            if path == "/nothing":
                return
            if path == "/silent":
                continue
            if path.startswith("/gate/"):
                wait_at_gate(int(path.split("/")[2]))
            if path.startswith("/status/"):
                s.sendall(ok("no", status=f"{path.split('/')[2]} So"))
            elif path == "/differs":
                s.sendall(ok(f"{next(COUNT):010}"))
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
