"""Speaks to Redis: as much of its protocol as the benchmarks need."""
import socket


class RedisReply(Exception):
    """An error that Redis answered with."""


class Redis:
    """One connection to 127.0.0.1, not through a delaying proxy."""

    def __init__(self, port: int, limit: float = 60) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), limit)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb", 1 << 16)

    def call(self, *words: object) -> object:
        """One command: text, numbers and bytes as words; bytes, numbers, None or a list of them as the answer."""
        self.socket.sendall(self.encoded(words))
        return self.reply()

    def pipeline(self, commands: list) -> list:
        """Many commands in one write; their answers, errors among them as values."""
        self.socket.sendall(b"".join(map(self.encoded, commands)))
        answers = []
        for _ in commands:
            try:
                answers.append(self.reply())
            except RedisReply as error:
                answers.append(error)
        return answers

    def info(self, section: str) -> dict[str, str]:
        """A section of INFO."""
        lines = self.call("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    @staticmethod
    def encoded(words) -> bytes:
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        return b"".join(parts)

    def reply(self) -> object:
        line = self.input.readline()
        if not line:
            raise ConnectionError("Redis has closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise RedisReply(rest.decode())
        if kind == b":":
            return int(rest)
        if int(rest) < 0:
            return None
        if kind == b"$":
            return self.input.read(int(rest) + 2)[:-2]
        return [self.reply() for _ in range(int(rest))]

    def close(self) -> None:
        self.input.close()
        self.socket.close()
