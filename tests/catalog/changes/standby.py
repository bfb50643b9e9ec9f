"""A hot standby of the tests' PostgreSQL, streaming from it."""

import subprocess
import time

import psycopg

from tests.postgres import START_SECONDS, Server, Unavailable


class Standby(Server):
    """A server that follows another; `start` and `stop` as for any."""

    def __init__(self, primary: Server) -> None:
        super().__init__(primary.binaries, user=primary.user)
        self.primary = primary
        self.password = primary.password

    def _make_cluster(self) -> None:
        program = self.binaries / "pg_basebackup"
        if not program.exists():
            raise Unavailable("this PostgreSQL comes without pg_basebackup")
        command = [str(program), f"--pgdata={self.folder / 'data'}", "--write-recovery-conf", "--checkpoint=fast"]
        source = f"--dbname={self.primary.url('postgres')}"
        subprocess.run([*command, source, "--no-sync"], check=True, cwd="/", capture_output=True, **self._identity)

    def _waited_for_word(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if "ready to accept read-only connections" in self._log.read_text(errors="replace"):
                return True
            time.sleep(0.02)
        return False

    def catch_up(self) -> None:
        """Wait until all that the primary has written by now is visible here."""
        with psycopg.connect(self.primary.url("postgres"), autocommit=True) as primary:
            lsn = primary.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
        with psycopg.connect(self.url("postgres"), autocommit=True) as here:
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline:
                row = here.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", lsn).fetchone()
                if row == (True,):
                    return
                time.sleep(0.02)
        raise Unavailable("the standby does not catch up")
