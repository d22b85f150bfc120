#!/usr/bin/env python3
"""Mail through a real SMTP server: `aiosmtpd` (version 1.4.6) takes what the built program sends.

    python3 tests/clients/smtp_pypi.py

Run from the repository's root, after `cargo build`. It starts the program itself, with the sample store in memory, and
stops it. It prints what it did and exits with 1 if a mail was not what it should be, with 2 if the mail server cannot
be installed. The server goes into an environment of its own: below `CASHWRAP_CLIENTS` if that is set, where the next
run finds it, else into one that is thrown away.
"""

import contextlib
import email
import email.policy
import json
import logging
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from html import unescape

PACKAGES = ["aiosmtpd==1.4.6"]
INSTALLED = "SMTP_SERVER_INSTALLED"
PROGRAM = os.environ.get("CASHWRAP_PROGRAM", "target/debug/cashwrap")
API = "/guest-manager/api/public/v2"
# Free, and complete after one step.
FREE = 1001
FREE_TICKET_TYPE = 1
USER, PASSWORD = "shop", "pass-word"


def installed_elsewhere() -> int:
    """Installs the mail server into an environment of its own and runs this script again in there."""
    kept = os.environ.get("CASHWRAP_CLIENTS")
    if kept:
        return run_in(os.path.abspath(os.path.join(kept, "smtp")))
    with tempfile.TemporaryDirectory() as home:
        return run_in(home)


def run_in(home: str) -> int:
    python = os.path.join(home, "bin", "python")
    if not os.path.exists(python) or subprocess.run([python, "-c", "import aiosmtpd"], capture_output=True).returncode:
        print(f"installing {' and '.join(PACKAGES)} into {home}")
        venv.create(home, with_pip=True, clear=True)
        done = subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], capture_output=True, text=True)
        if done.returncode != 0:
            print(f"The mail server cannot be installed, so nothing was tried:\n{done.stderr.strip()}")
            return 2
    return subprocess.run([python, __file__], env={**os.environ, INSTALLED: "1"}).returncode


def check(what: str, holds: bool) -> None:
    print(("ok    " if holds else "WRONG ") + what)
    if not holds:
        raise SystemExit(1)


class Shop:
    """The program, sending mail to an address."""

    def __init__(self, mail: str, **environment: str):
        command = [PROGRAM, "serve", "--store", "sample", "--database", "sqlite::memory:", "--listen", "127.0.0.1:0", "--test-mode"]
        # The password comes by the environment, as in production.
        environment = {**os.environ, "CASHWRAP_MAIL": mail, **environment}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.root = self.process.stdout.readline().strip().removeprefix("listening on ")
        check(f"the shop is open at {self.root}", self.root.startswith("http://"))
        self.ask("PATCH", f"{API}/admin/ticket_types/{FREE_TICKET_TYPE}", {"ticket_type": {"attachable": True}})

    def ask(self, method: str, path: str, body=None):
        request = urllib.request.Request(self.root + path, method=method, data=json.dumps(body).encode() if body else None)
        request.add_header("Authorization", "Token sample-admin-key")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def buy(self, address: str) -> str:
        """The number of a complete order."""
        order = {
            "currency": "USD", "guest_checkout": True, "email": address, "first_name": "Ada", "last_name": "Quist",
            "line_items": [{"variant_id": FREE, "quantity": 2}],
        }
        order = json.loads(self.ask("POST", f"{API}/orders", {"transition_order": True, "order": order}))
        check(f"order {order['number']} of {address} is complete", order["state"] == "complete")
        return order["number"]

    def push_clock(self, seconds: int) -> None:
        self.ask("POST", "/admin/test/clock", {"advance_seconds": seconds})

    def count(self, what: str) -> int:
        found = re.search(rf"^cashwrap_outbox_{what}_total (\d+)$", self.ask("GET", "/metrics"), re.MULTILINE)
        return int(found.group(1))

    def close(self) -> str:
        """What its log said."""
        self.process.terminate()
        return self.process.communicate(timeout=60)[1]


@contextlib.contextmanager
def opened(mail: str, **environment: str):
    shop = Shop(mail, **environment)
    try:
        yield shop
    finally:
        if shop.process.poll() is None:
            shop.process.kill()
            shop.process.communicate()


class Taken:
    """What a mail server took, and how it treats those it does not like."""

    def __init__(self):
        self.mails = []
        self.put_off = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such person"
        if address.startswith("later@") and len(self.put_off) < 2:
            self.put_off.append(address)
            return "451 4.7.1 greylisted, please try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, message, session.ssl is not None, bool(session.authenticated)))
        return "250 taken"

    def of(self, number: str) -> list:
        return [mail for mail in self.mails if number in mail[1]["Subject"]]


def wait_for(what: str, holds) -> None:
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    check(what, holds())


def looked_at(mail, number: str) -> None:
    receivers, message, _, _ = mail
    check("it names sender and receiver", message["From"] == "shop@example.com" and message["To"] == receivers[0])
    check("and is an answer to nothing, by its own name", re.fullmatch(r"<[\w.]+@example\.com>", message["Message-ID"]) is not None)
    text = message.get_body(("plain",)).get_content()
    html = unescape(message.get_body(("html",)).get_content())
    check("both parts tell the order and the way to it", all(number in part and "/cart?guest_token=" in part for part in (text, html)))
    check("nothing in it is loaded from anywhere", "<img" not in html and "<link" not in html and "url(" not in html)
    files = list(message.iter_attachments())
    check("one file is attached", [file.get_filename() for file in files] == ["tickets.pdf"])
    check("which is a PDF", files[0].get_content_type() == "application/pdf" and files[0].get_content()[:5] == b"%PDF-")


def plain(controller_of) -> None:
    taken = Taken()
    server = controller_of(taken)
    server.start()
    with opened(f"smtp://127.0.0.1:{server.port}") as shop:
        refused, put_off = shop.buy("refused@example.com"), shop.buy("later@example.com")
        number = shop.buy("ada@example.com")
        wait_for("the mail of the third arrives, whatever becomes of the others", lambda: taken.of(number))
        looked_at(taken.of(number)[0], number)
        wait_for("the refused receiver is given up at once", lambda: shop.count("given_up") == 1)
        for seconds in (6, 31):
            check("the one that was put off waits", not taken.of(put_off))
            shop.push_clock(seconds)
            tries = len(taken.put_off)
            wait_for("and is tried again", lambda: len(taken.put_off) > tries or taken.of(put_off))
        wait_for("until it arrives", lambda: taken.of(put_off))
        check("nobody else was tried again", len(taken.of(number)) == len(taken.of(put_off)) == 1 and not taken.of(refused))

        server.stop()
        failed = shop.count("failed")
        number = shop.buy("bo@example.com")
        wait_for("a server that is gone is noticed", lambda: shop.count("failed") > failed)
        check("and orders are taken all the same", shop.buy("cy@example.com") != number)
        server = controller_of(taken, server.port)
        server.start()
        shop.push_clock(120)
        wait_for("when it is back, the mail arrives", lambda: taken.of(number))
        log = shop.close()
        check("the log names no receiver", not any(f"{name}@example.com" in log for name in ("refused", "later", "ada", "bo", "cy")))
    server.stop()


def certificate(folder: str) -> tuple:
    """An authority, and the name and key of a server that it vouches for."""
    at = lambda name: os.path.join(folder, name)

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    with open(at("names"), "w") as names:
        names.write("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-days", "2", "-subj", "/CN=A test's authority", "-keyout", at("ca.key"), "-out", at("ca.pem"))
    openssl("req", *curve, "-subj", "/CN=localhost", "-keyout", at("key.pem"), "-out", at("asked.pem"))
    openssl("x509", "-req", "-in", at("asked.pem"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial",
            "-days", "2", "-extfile", at("names"), "-out", at("cert.pem"))
    return at("ca.pem"), at("cert.pem"), at("key.pem")


def encrypted(controller_of, folder: str) -> None:
    from aiosmtpd.smtp import AuthResult

    authority, cert, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def known(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))

    taken = Taken()
    options = {"tls_context": context, "require_starttls": True, "authenticator": known, "auth_required": True}
    server = controller_of(taken, hostname="localhost", **options)
    server.start()
    mail = f"smtp://{USER}:{PASSWORD}@localhost:{server.port}?tls=required"
    with opened(mail, SSL_CERT_FILE=authority) as shop:
        number = shop.buy("ada@example.com")
        wait_for("a mail arrives by STARTTLS", lambda: taken.of(number))
        check("encrypted, from somebody with a password", taken.of(number)[0][2:] == (True, True))
        looked_at(taken.of(number)[0], number)
        check("the password is in no log", PASSWORD not in shop.close())
    with opened(mail) as shop:
        number = shop.buy("ada@example.com")
        wait_for("a server that nobody vouches for is not talked to", lambda: shop.count("failed") >= 1)
        check("not in plain words either", not taken.of(number))
    server.stop()


def main() -> int:
    from aiosmtpd.controller import Controller

    # What the server has to say of handshakes that were broken off on purpose.
    logging.disable(logging.CRITICAL)

    def controller_of(taken, port: int = 0, hostname: str = "127.0.0.1", **options):
        if not port:
            import socket

            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        return Controller(taken, hostname=hostname, port=port, **options)

    plain(controller_of)
    with tempfile.TemporaryDirectory() as folder:
        encrypted(controller_of, folder)
    print("mail arrives through an SMTP server")
    return 0


if __name__ == "__main__":
    sys.exit(main() if os.environ.get(INSTALLED) else installed_elsewhere())
