"""Shells over ssh."""

from __future__ import annotations

import socket

import paramiko

from rangectl.checks.links import plain, said
from rangectl.model.topology import Service


def check_ssh(link: socket.socket, _: str, service: Service) -> str | None:
    """Exchange banners and keys; nobody logs in unless the service says who."""
    seconds = link.gettimeout() or 1  # the library is about to set another
    transport = paramiko.Transport(link)
    transport.banner_timeout = transport.auth_timeout = seconds
    try:
        transport.start_client(timeout=seconds)
        # It returns in silence where the other side hung up, or time ran out: only a key is proof.
        transport.get_remote_server_key()
        wanted, heard = service.expect.banner, transport.remote_version
        if wanted is not None and wanted not in heard:
            return f"it says {plain(heard)!r}, not {wanted!r}"
        if service.login is not None:
            transport.auth_password(service.login.user, service.login.password or "")
    except paramiko.AuthenticationException as error:
        return f"no login: {said(error)}"
    except (OSError, EOFError, paramiko.SSHException) as error:
        return f"no ssh key exchange: {said(error)}"
    finally:
        transport.close()
    return None
