"""Runs a command in a network of its own, whose hosts are namespaces of this machine. Root only.

network.py [--hosts N] [--wire SHAPE]... [--clocks] COMMAND [WORD...]

Host I of the N (2) has the address 10.99.0.I, the name hostI, and its own network namespace, joined to the others by a bridge.
COMMAND runs on host 1. TVA_ON names a program that runs a command on another host, as ssh does: "$TVA_ON 10.99.0.2 hostname".
Open MPI starts its daemons that way, one on each host, and talks TCP, so that "mpirun -n N" puts a rank on each.

  --wire SHAPE  what the wire of a host does to frames, in words: "at=3 delay=5ms jitter=1ms loss=1% rate=20mbit only=to". at is
                the host, default the last one; times are for one direction, and "only=to" or "only=from" leaves out the other
                one. netem does it where the kernel has it, else wire.py
  --clocks      let each host have a clock of its own: host I's is I times 1000 s ahead of this machine's

The exit status is the command's. All of it is in namespaces that end with this process, however it ends: nothing has to be removed.
"""

import argparse
import ctypes
import fcntl
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys

NEW_NS, NEW_UTS, NEW_PID, NEW_NET, NEW_TIME = 0x20000, 0x4000000, 0x20000000, 0x40000000, 0x80
PR_SET_PDEATHSIG = 1
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17
AHEAD_S = 1000
WIRE = pathlib.Path(__file__).resolve().with_name("wire.py")
ON = pathlib.Path("/run/on")  # in a folder of this mount namespace alone
libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags):
    if libc.unshare(flags) < 0:
        code = ctypes.get_errno()
        sys.exit(f"network: cannot make namespaces: {os.strerror(code)}" + ("; run it as root" if os.geteuid() else ""))


def address(host):
    return f"10.99.0.{host}"


def ip(*commands):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)


def compute_checksums(device):
    """Let no checksum and no segmentation be left to a card that is none: wire.py sees frames as a card would."""
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sP", device.encode(), ctypes.addressof(value)).ljust(40, b"\0")
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)


def become_host(host, clocks, ready, go):
    """The process that a host's namespaces belong to, and that their users enter. It waits for its interface."""
    unshare(NEW_NET | NEW_UTS | (NEW_TIME if clocks else 0))
    socket.sethostname(f"host{host}")
    if clocks:
        ahead = f"monotonic {host * AHEAD_S} 0\nboottime {host * AHEAD_S} 0\n"
        pathlib.Path("/proc/self/timens_offsets").write_text(ahead, encoding="utf-8")
    anchor = os.fork()  # only children are in the new time namespace
    if anchor == 0:
        while True:
            signal.pause()
    os.write(ready, f"{anchor}\n".encode())
    os.read(go, 1)
    ip("link set lo up", f"address add {address(host)}/24 dev eth0", "link set eth0 up")
    compute_checksums("eth0")
    os.write(ready, b"\n")


def start_host(host, clocks):
    """Its anchor, once it is joined to the bridge."""
    ready_read, ready = os.pipe()
    go, go_write = os.pipe()
    if os.fork() == 0:
        status = 1
        try:
            become_host(host, clocks, ready, go)
            status = 0
        finally:
            os._exit(status)
    os.close(ready)
    with open(ready_read, encoding="utf-8") as said:
        anchor = said.readline().strip()
        if anchor:
            ip(f"link add wire{host} type veth peer name eth0 netns {anchor}",
               f"link set wire{host} master bridge addrgenmode none up")
            os.write(go_write, b"x")
        if not anchor or not said.readline():
            sys.exit(f"network: host {host} could not be made")
    os.close(go)
    os.close(go_write)
    return int(anchor)


def enter(anchor, clocks):
    return ["nsenter", "--target", str(anchor), "--net", "--uts", *(["--time"] if clocks else [])]


def netem(shape, words, to_host):
    """netem's words for one direction; None where the shape says nothing of it."""
    if shape.get("only") == ("from" if to_host else "to"):
        return None
    delay = ["delay", shape["delay"], *([shape["jitter"]] if "jitter" in shape else [])] if "delay" in shape else []
    return [*words, *delay, *(word for name in ("loss", "rate") if name in shape for word in (name, shape[name]))]


def shape_by_netem(host, shape, anchor):
    """False where the kernel has no netem."""
    add = ["tc", "qdisc", "add", "dev"]
    sides = (netem(shape, [*add, f"wire{host}", "root", "netem"], True),
             netem(shape, ["nsenter", "--target", str(anchor), "--net", *add, "eth0", "root", "netem"], False))
    return all(side is None or subprocess.run(side, stderr=subprocess.DEVNULL, check=False).returncode == 0 for side in sides)


def shape_by_relay(host, text):
    """wire.py takes the place of the bridge's port, and hands frames on to another."""
    ip(f"link set wire{host} nomaster promisc on",
       f"link add near{host} type veth peer name far{host}",
       f"link set far{host} master bridge addrgenmode none up",
       f"link set near{host} addrgenmode none promisc on up")
    relay = subprocess.Popen([sys.executable, "-B", WIRE, f"near{host}", f"wire{host}", text], stdout=subprocess.PIPE)
    if relay.stdout.readline() != b"ready\n":
        sys.exit(f"network: the wire of host {host} could not be made")


def make_network(options):
    """The hosts' anchors."""
    ip("link set lo up", "link add bridge type bridge", "link set bridge addrgenmode none up")
    anchors = [start_host(host, options.clocks) for host in range(1, options.hosts + 1)]
    for text in options.wire:
        shape = dict(word.split("=", 1) for word in text.split())
        host = int(shape.get("at", options.hosts))
        if len(shape) > 0 and not shape_by_netem(host, shape, anchors[host - 1]):
            shape_by_relay(host, text)
    return anchors


def write_on(anchors, clocks):
    """The program that runs a command on a host, as Open MPI calls it: with the words of one command line."""
    cases = "".join(f"{address(i)} | host{i}) set -- {' '.join(enter(a, clocks))} sh -c \"$*\" ;;\n" for i, a in enumerate(anchors, 1))
    ON.write_text('#!/bin/sh\nhost=$1\nshift\ncase $host in\n' + cases +
                  '*) echo "on: there is no host $host" >&2; exit 1 ;;\nesac\nexec "$@"\n', encoding="utf-8")
    ON.chmod(0o755)


def environment(options):
    hosts = [address(host) for host in range(1, options.hosts + 1)]
    names = {"plm_rsh_agent": str(ON), "orte_default_hostfile": "/run/hosts", "btl": "self,tcp",
             "btl_tcp_if_include": "eth0", "oob_tcp_if_include": "eth0"}
    pathlib.Path("/run/hosts").write_text("".join(f"{host} slots=1\n" for host in hosts), encoding="utf-8")
    return {**os.environ, **{f"OMPI_MCA_{name}": value for name, value in names.items()},
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "TVA_ON": str(ON), "TVA_HOSTS": " ".join(hosts)}


def run_command(options):
    """As the first process of its namespaces: all others end with it."""
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    anchors = make_network(options)
    write_on(anchors, options.clocks)
    command = subprocess.Popen([*enter(anchors[0], options.clocks), *options.command], env=environment(options))
    for number in FORWARDED:
        signal.signal(number, lambda number, _: command.send_signal(number))
    return command.wait()


FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main():
    parser = argparse.ArgumentParser(usage=__doc__, allow_abbrev=False)
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--wire", action="append", default=[])
    parser.add_argument("--clocks", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.command or not 1 <= options.hosts <= 250:
        parser.error("it takes a command, and hosts from 1 to 250")
    unshare(NEW_NS | NEW_NET | NEW_PID)
    first = os.fork()
    if first == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        status = run_command(options)
        os._exit(status if status >= 0 else 128 - status)
    for number in FORWARDED:
        signal.signal(number, lambda number, _: os.kill(first, number))
    status = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
