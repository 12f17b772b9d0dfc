"""Run a command to which the kernel refuses io_uring, as a container's seccomp profile does.

Usage: without_uring.py ERRNO COMMAND [ARGUMENT...]
"""
import ctypes
import os
import struct
import sys

IO_URING_SETUP = 425  # on all machines


def rule(code, yes, no, value):
    return struct.pack("HBBI", code, yes, no, value)


rules = (rule(0x20, 0, 0, 0)  # load the number of the system call
         + rule(0x15, 0, 1, IO_URING_SETUP)  # if it is another, skip one rule
         + rule(0x06, 0, 0, 0x00050000 | int(sys.argv[1]))  # fail with that errno
         + rule(0x06, 0, 0, 0x7FFF0000))  # allow


class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("rules", ctypes.c_char_p)]


libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.byref(Program(len(rules) // 8, rules)), 0, 0) != 0:
    sys.exit("no seccomp here: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[2], sys.argv[2:])
