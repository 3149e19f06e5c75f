"""A real SMTP server for two domains of this machine: Postfix, delivering into dovecot's mailboxes.

It needs root, as Postfix does, and touches nothing of an installed one: configuration, queue and
log lie in dovecot's own temporary folder. Nobody sends without signing in (dovecot checks), and
mail for any other domain is refused.
"""

import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fakes.imap import Dovecot, free_port
from tests.fakes.mail import ANN, BRAND, LOGIN
from tests.live_local.opt_in import eventually, program

MAIN = """
compatibility_level = 3.6
config_directory = {base}/postfix
queue_directory = {base}/queue
data_directory = {base}/data
maillog_file = {base}/postfix.log
maillog_file_prefixes = {base}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.brand.example
mydestination =
alias_maps =
alias_database =
local_transport = error:there is nobody here
default_transport = error:this mail would leave the machine
recipient_delimiter = +
virtual_mailbox_domains = brand.example mail.example
virtual_mailbox_base = {base}/home
virtual_mailbox_maps = texthash:{base}/postfix/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
message_size_limit = 40000000
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {base}/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""
MASTER = """
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(imap: Dovecot) -> Iterator[str]:
    """The address of the running server."""
    if os.getuid() != 0:
        pytest.skip("Postfix starts as root only")
    command = program("postfix", "postfix")
    base, port, owner = imap.base, free_port(), pwd.getpwnam("mail")
    folder = base / "postfix"
    folder.mkdir()
    for name in ("queue", "data"):
        (base / name).mkdir()
    os.chown(base / "data", pwd.getpwnam("postfix").pw_uid, -1)
    values = {"base": base, "port": f"127.0.0.1:{port}", "uid": owner.pw_uid, "gid": owner.pw_gid}
    (folder / "main.cf").write_text(MAIN.format(**values))
    (folder / "master.cf").write_text(MASTER.format(**values).lstrip())
    (folder / "mailboxes").write_text(f"{BRAND} {LOGIN}/Maildir/\n{ANN} {ANN}/Maildir/\n")
    process = subprocess.Popen(
        [command, "-c", str(folder), "start-fg"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        eventually(lambda: _greets(port), "Postfix's greeting", 30)
        yield f"smtp://127.0.0.1:{port}"
    finally:
        subprocess.run([command, "-c", str(folder), "stop"], capture_output=True, check=False)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            return line.recv(3) == b"220"
    except OSError:
        return False
