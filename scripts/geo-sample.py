#!/usr/bin/env python3
"""Writes data/geo-sample.mmdb: the few networks of the sample store's examples, in the MaxMind DB format.

Format: https://maxmind.github.io/MaxMind-DB/ (version 2.0). A search tree of 24-bit records over IPv6 (IPv4 under ::/96),
a data section with one map per country, and metadata. Run it from the repository's root; the output has no time in it
but the one below, so two runs make the same bytes.
"""

import ipaddress
import sys

# What public registries say of these networks (June 2026).
NETWORKS = [
    ("36.72.0.0/16", "ID"),
    ("8.8.8.0/24", "US"),
    ("81.2.69.0/24", "GB"),
    ("88.198.0.0/16", "DE"),
    ("5.160.0.0/16", "IR"),
    ("2404:c0::/32", "ID"),
]
BUILT = 1_782_864_000  # 2026-07-01T00:00:00Z


def control(kind, size):
    """A control byte (and a size byte): types above 7 are extended."""
    if size >= 29:
        first, rest = 29, bytes([size - 29])
    else:
        first, rest = size, b""
    if kind <= 7:
        return bytes([kind << 5 | first]) + rest
    return bytes([first, kind - 7]) + rest


def text(value):
    encoded = value.encode()
    return control(2, len(encoded)) + encoded


def whole(kind, value):
    encoded = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return control(kind, len(encoded)) + encoded


def table(entries):
    return control(7, len(entries)) + b"".join(text(key) + value for key, value in entries)


def listing(values):
    return control(11, len(values)) + b"".join(values)


def main(path):
    data, offsets = b"", {}
    for _, code in NETWORKS:
        if code not in offsets:
            offsets[code] = len(data)
            data += table([("country", table([("iso_code", text(code))]))])

    nodes = [[None, None]]  # None: nothing; int: a node; str: a country
    for name, code in NETWORKS:
        network = ipaddress.ip_network(name)
        value, length = int(network.network_address), network.prefixlen
        if network.version == 4:
            length += 96
        node = 0
        for place in range(length):
            bit = value >> (127 - place) & 1
            if place == length - 1:
                nodes[node][bit] = code
            else:
                if nodes[node][bit] is None:
                    nodes.append([None, None])
                    nodes[node][bit] = len(nodes) - 1
                node = nodes[node][bit]

    def record(entry):
        if entry is None:
            number = len(nodes)
        elif isinstance(entry, str):
            number = len(nodes) + 16 + offsets[entry]
        else:
            number = entry
        return number.to_bytes(3, "big")

    tree = b"".join(record(left) + record(right) for left, right in nodes)
    metadata = table(
        [
            ("binary_format_major_version", whole(5, 2)),
            ("binary_format_minor_version", whole(5, 0)),
            ("build_epoch", whole(9, BUILT)),
            ("database_type", text("Cashwrap-Sample-Country")),
            ("description", table([("en", text("Networks of the examples; not for any other use"))])),
            ("ip_version", whole(5, 6)),
            ("languages", listing([text("en")])),
            ("node_count", whole(6, len(nodes))),
            ("record_size", whole(5, 24)),
        ]
    )
    with open(path, "wb") as out:
        out.write(tree + b"\0" * 16 + data + b"\xab\xcd\xefMaxMind.com" + metadata)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "data/geo-sample.mmdb")
