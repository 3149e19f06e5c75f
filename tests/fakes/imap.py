"""A real IMAP server for tests: dovecot on a free port of 127.0.0.1, with its own small folder.

Every user name exists and has the password `PASSWORD`; each has its own mailbox.
"""

import getpass
import grp
import imaplib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType

import pytest

PASSWORD = "mailbox-password"
PACKAGE = "dovecot-imapd"

COMMON = """
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
ssl = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
mail_max_userip_connections = 100
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {base}/auth {{
    mode = 0666
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
  }}
}}
"""
# Settings that dovecot 2.4 renamed.
BEFORE_2_4 = """
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
passdb {{
  driver = passwd-file
  mechanisms = xoauth2
  args = {base}/tokens
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = allow_all_users=yes uid={uid} gid={gid} home={base}/home/%u
}}
"""
SINCE_2_4 = """
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/Maildir
passdb passwd-file {{
  mechanisms_filter = xoauth2
  passwd_file_path = {base}/tokens
}}
passdb static {{
  mechanisms_filter = plain login
  password = {password}
}}
userdb static {{
  allow_all_users = yes
  fields {{
    uid = {uid}
    gid = {gid}
    home = {base}/home/%{{user}}
  }}
}}
"""


def dovecot() -> str:
    """The path of the program; skips the test when it is not installed."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"no IMAP server here: install the package {PACKAGE}")
    return found


class Dovecot:
    """A running dovecot: `with Dovecot() as mail: mail.deliver(raw)`."""

    def __init__(self, user: str = "support@brand.example") -> None:
        self.user, self.password = user, PASSWORD
        self._program = dovecot()
        self.base = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self.port}"

    def __enter__(self) -> "Dovecot":
        self._configure()
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", str(self._conf)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._await_greeting()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        shutil.rmtree(self.base, ignore_errors=True)

    def deliver(
        self,
        raw: bytes,
        folder: str = "INBOX",
        internaldate: datetime | None = None,
        user: str | None = None,
    ) -> None:
        """Puts a mail into a folder, at `internaldate` (aware; now)."""
        at = internaldate or datetime.now(UTC)
        with self.session(user) as imap:
            status, said = imap.append(folder, "", at, raw)
            if status == "NO" and b"TRYCREATE" in said[0]:
                imap.create(folder)
                status, said = imap.append(folder, "", at, raw)
            assert status == "OK", said

    def mailbox(self, folder: str = "INBOX", user: str | None = None) -> list[bytes]:
        """The mails of a folder, oldest UID first; empty when there is no such folder."""
        with self.session(user) as imap:
            if imap.select(folder, readonly=True)[0] != "OK":
                return []
            _, told = imap.search(None, "ALL")
            fetched = [imap.fetch(n.decode(), "(BODY.PEEK[])")[1] for n in told[0].split()]
            return [part[1] for line in fetched for part in line if isinstance(part, tuple)]

    def delete(self, uids: str = "1:*", folder: str = "INBOX") -> None:
        """Deletes mails by UID; all by default."""
        with self.session() as imap:
            imap.select(folder)
            imap.uid("STORE", uids, "+FLAGS", r"(\Deleted)")
            imap.expunge()

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of each mail of a folder, as the server writes them."""
        with self.session() as imap:
            imap.select(folder, readonly=True)
            told = imap.fetch("1:*", "(FLAGS)")[1]
            return [line.decode() for line in told if isinstance(line, bytes)]

    def accept_token(self, token: str) -> None:
        """From now on this access token signs `user` in by XOAUTH2, and no earlier one."""
        fresh = self.base / "tokens.new"
        fresh.write_text(f"{self.user}:{{PLAIN}}{token}::::::\n")
        fresh.replace(self.base / "tokens")

    def change_uid_validity(self, value: int, folder: str = "INBOX") -> None:
        """Declares all UIDs of a folder void, as a server does that lost or rebuilt its index."""
        self._doveadm("mailbox", "update", "-u", self.user, "--uid-validity", str(value), folder)

    @contextmanager
    def session(self, user: str | None = None) -> Iterator[imaplib.IMAP4]:
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            imap.login(user or self.user, self.password)
            yield imap
        finally:
            imap.shutdown()

    def _doveadm(self, *words: str) -> None:
        program = str(Path(self._program).with_name("doveadm"))
        found = program if Path(program).exists() else shutil.which("doveadm")
        assert found, f"doveadm is missing: install {PACKAGE}"
        subprocess.run([found, "-c", str(self._conf), *words], check=True, capture_output=True)

    @property
    def _conf(self) -> Path:
        return self.base / "dovecot.conf"

    def _configure(self) -> None:
        """Writes the configuration for the version installed and for root or an ordinary user."""
        version = _version(self._program)
        recent = tuple(int(n) for n in version.split(".")[:2]) >= (2, 4)
        root = os.getuid() == 0
        owner = pwd.getpwnam("mail" if root else getpass.getuser())
        internal = "dovecot" if root else owner.pw_name
        text = COMMON + (SINCE_2_4 if recent else BEFORE_2_4)
        if recent:
            names = ("dovecot_config_version", "dovecot_storage_version")
            text = "\n".join(f"{name} = {version}" for name in names) + text
        self._conf.write_text(
            text.format(
                base=self.base,
                port=self.port,
                password=self.password,
                internal=internal,
                internal_group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
                login="dovenull" if root else owner.pw_name,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
            )
        )
        (self.base / "tokens").touch()
        for name in ("run", "state", "home"):
            (self.base / name).mkdir()
        if root:
            self.base.chmod(0o755)
            os.chown(self.base / "home", owner.pw_uid, owner.pw_gid)

    def _stop(self) -> str:
        """Ends the server with all its children, which are alone in its group; what it said."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stderr is None or self._process.stderr.closed:
            return ""  # stopped before
        return self._process.communicate()[1].decode(errors="replace")

    def _await_greeting(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                    if line.recv(4) == b"* OK":
                        return
            except OSError:
                time.sleep(0.01)
        said, log = self._stop(), self.base / "log"
        raise RuntimeError(
            f"dovecot did not start: {said}{log.read_text() if log.exists() else ''}"
        )


@cache
def _version(program: str) -> str:
    """Such as "2.3.19"."""
    told = subprocess.run([program, "--version"], check=True, capture_output=True)
    return re.split(r"[^\d.]", told.stdout.decode())[0]


def free_port() -> int:
    """A port that nothing uses, below those that the system hands to any call that goes out: such
    a one could be taken between the question and the start of the server."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as line, suppress(OSError):
            line.bind(("127.0.0.1", port))
            return port
