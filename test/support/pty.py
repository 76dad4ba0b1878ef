"""Runs a command on a terminal of its own: `pty.py COMMAND...`. Standard input is what is typed, standard output is the screen.
Descriptor 3 gets one JSON line at the end: how the command ended, whether the terminal echoed when the first text stood on it, and whether
it echoes and edits lines now."""

import fcntl
import json
import os
import select
import subprocess
import sys
import termios
import time

master, slave = os.openpty()
mode = termios.tcgetattr(slave)
mode[1] &= ~termios.OPOST  # what is printed is what is seen: no carriage returns put in
termios.tcsetattr(slave, termios.TCSANOW, mode)

command = subprocess.Popen(
    sys.argv[1:],
    stdin=slave,
    stdout=slave,
    stderr=slave,
    start_new_session=True,
    preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
)
typing = [0]
echoed = None
while True:
    over = command.poll() is not None
    ready, _, _ = select.select([master, *typing], [], [], 0 if over else 0.01)
    if master in ready:
        if echoed is None:
            echoed = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
        os.write(1, os.read(master, 65536))
    elif over:
        break
    if 0 in ready:
        keys = os.read(0, 65536)
        if not keys:
            typing = []
        for key in keys:  # one byte at a time, so that a character comes in pieces
            os.write(master, bytes([key]))
            time.sleep(0.001)

local = termios.tcgetattr(slave)[3]
end = {"exit": command.returncode, "echoed": echoed, "echoes": bool(local & termios.ECHO), "edits": bool(local & termios.ICANON)}
os.write(3, json.dumps(end).encode())
