// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

struct `A prefix` {
    @Test(arguments: [
        ("10.3.2.0/24", "10.3.2.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.3.2.1", "10.3.2.1/32"),
        ("fd00::3:2:1", "fd00::3:2:1/128"),
        ("::/0", "::/0"),
    ])
    func `reads CIDR text, and an address as a single host`(text: String, canonical: String) throws {
        #expect(try #require(IPPrefix(text)).description == canonical)
    }

    @Test(arguments: [
        ("10.3.2.77/24", "10.3.2.0/24"),
        ("255.255.255.255/1", "128.0.0.0/1"),
        ("10.3.2.77/0", "0.0.0.0/0"),
        ("10.3.2.77/32", "10.3.2.77/32"),
        ("fd00::3:2:77/120", "fd00::3:2:0/120"),
        ("fd00:1:2:3:4::/64", "fd00:1:2:3::/64"),
        ("fd00:1:2:3:ffff::/65", "fd00:1:2:3:8000::/65"),
        ("fd00:1:2:3::/0", "::/0"),
    ])
    func `WG-A-1 loses its host bits when it is made`(text: String, masked: String) throws {
        #expect(try #require(IPPrefix(text)).description == masked)
    }

    @Test(arguments: [
        "", "/", "/24", "10.3.2.0/", "10.3.2.0/33", "10.3.2.0/-1", "10.3.2.0/+24", "10.3.2.0/024", "10.3.2.0/24/24", "10.3.2.0/24 ",
        "10.3.2.0 /24", "10.3.2/24", "fd00::/129", "fd00::/ffff::", "10.3.2.0/255.255.255.0", "example.org/24",
    ])
    func `refuses other text`(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test(arguments: [(-1, "10.0.0.0"), (33, "10.0.0.0"), (129, "fd00::"), (Int.max, "fd00::"), (Int.min, "10.0.0.0")])
    func `is never clamped to its family`(length: Int, text: String) {
        #expect(IPPrefix(address(text), length: length) == nil)
    }

    @Test(arguments: [
        ("10.3.2.0/24", "10.3.2.255"), ("10.3.2.7/32", "10.3.2.7"), ("0.0.0.0/0", "255.255.255.255"),
        ("fd00::/64", "fd00::ffff:ffff:ffff:ffff"), ("fd00::/127", "fd00::1"), ("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func `ends with the address whose host bits are all ones`(text: String, last: String) {
        #expect(prefix(text).last == address(last))
    }

    @Test func `contains its addresses and no others`() {
        #expect(prefix("10.3.2.0/24").contains(address("10.3.2.255")))
        #expect(!prefix("10.3.2.0/24").contains(address("10.3.3.0")))
        #expect(!prefix("0.0.0.0/0").contains(address("::")))
        #expect(!prefix("::/0").contains(address("0.0.0.0")))
    }

    @Test func `overlaps what it contains and what contains it`() {
        #expect(prefix("10.3.0.0/16").overlaps(prefix("10.3.2.0/24")))
        #expect(prefix("10.3.2.0/24").overlaps(prefix("10.3.0.0/16")))
        #expect(!prefix("10.3.2.0/24").overlaps(prefix("10.3.3.0/24")))
        #expect(!prefix("10.3.2.0/24").contains(prefix("10.3.0.0/16")))
    }
}
