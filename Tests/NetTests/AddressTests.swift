// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `An IPv4 address` {
    @Test(arguments: ["0.0.0.0", "10.3.2.1", "127.0.0.1", "192.0.2.255", "255.255.255.255"])
    func `reads and writes the same text`(text: String) throws {
        let address = try #require(IPv4Address(text))
        #expect(address.description == text)
    }

    @Test func `keeps its first octet in the highest bits`() {
        #expect(IPv4Address("10.3.2.1")?.bits == 0x0A03_0201)
    }

    @Test(arguments: [
        "", ".", "10", "10.3.2", "10.3.2.", ".10.3.2.1", "10.3.2.1.5", "10..2.1", "256.0.0.1", "10.3.2.01", "10.3.2.0x1", "10.3.2.-1",
        "10.3.2.+1", " 10.3.2.1", "10.3.2.1 ", "10.3.2.1\n", "10.3.2.1\0", "10.3.2.١", "10.3.2.1\u{301}", "999999999999.0.0.1",
    ])
    func `refuses other text`(text: String) {
        #expect(IPv4Address(text) == nil)
    }
}

struct `An IPv6 address` {
    /// The text on the right is the canonical form of RFC 5952.
    @Test(arguments: [
        ("::", "::"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("0:0:1::", "0:0:1::"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("fd00::3:2:1", "fd00::3:2:1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func `reads every spelling of RFC 4291 and writes the one of RFC 5952`(text: String, canonical: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == canonical)
        #expect(IPv6Address(canonical) == address)
    }

    @Test func `keeps its first eight bytes in the high half`() {
        #expect(IPv6Address("1:2:3:4:5:6:7:8") == IPv6Address(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0007_0008))
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", ":1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:", "12345::", "g::", "-1::", "+1::", "::1%2", "[::1]", "::1/64", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4", " ::1", "::1 ", "::\u{301}1", "１::",
    ])
    func `refuses other text`(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test func `survives conversion to text and back, for any bits`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            // Mostly zero groups, so that every form of the gap occurs.
            let half = { (random: inout SeededGenerator) in
                (0..<4).reduce(UInt64(0)) { bits, _ in
                    bits << 16 | (random.next() & 3 == 0 ? UInt64(UInt16.random(in: 0...0xFFFF, using: &random)) : 0)
                }
            }
            let address = IPv6Address(high: half(&random), low: half(&random))
            #expect(IPv6Address(address.description) == address, "seed \(seed)")
        }
    }
}

struct `An address` {
    @Test func `is ordered by family and then by number`() {
        let sorted = ["::1", "10.0.0.2", "2001:db8::", "10.0.0.10", "::ffff:1.2.3.4"].map { address($0) }.sorted().map(\.description)
        #expect(sorted == ["10.0.0.2", "10.0.0.10", "::1", "::ffff:1.2.3.4", "2001:db8::"])
    }

    @Test func `inside an IPv6 one is found when it is mapped`() {
        #expect(IPv6Address("::ffff:192.0.2.1")?.mappedIPv4 == IPv4Address("192.0.2.1"))
        #expect(IPv6Address("::192.0.2.1")?.mappedIPv4 == nil)
        #expect(IPv6Address("1::ffff:192.0.2.1")?.mappedIPv4 == nil)
    }

    @Test(arguments: [
        "10.255.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "169.254.9.9", "127.0.0.1",
        "0.0.0.0", "fc00::1", "fdff::1", "fe80::1", "febf::1", "::1", "::",
    ])
    func `is private if the Internet does not route it`(text: String) {
        #expect(address(text).isPrivate)
    }

    @Test(arguments: [
        "9.255.255.255", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "100.63.0.1", "100.128.0.1", "169.253.1.1",
        "128.0.0.1", "fbff::1", "fe00::1", "fec0::1", "2001:db8::1",
    ])
    func `is public everywhere else`(text: String) {
        #expect(!address(text).isPrivate)
    }

    @Test(arguments: ["224.0.0.1", "239.255.255.255", "ff00::", "ff02::1"])
    func `is multicast in its family's range`(text: String) {
        #expect(address(text).isMulticast)
    }

    @Test(arguments: ["223.255.255.255", "240.0.0.1", "255.255.255.255", "fe80::1", "2001:db8::ff"])
    func `is not multicast outside it`(text: String) {
        #expect(!address(text).isMulticast)
    }

    @Test(arguments: [
        ("10.3.2.255", 1, "10.3.3.0"),
        ("0.0.0.0", UInt64(UInt32.max), "255.255.255.255"),
        ("fd00::ffff:ffff:ffff:ffff", 1, "fd00:0:0:1::"),
        ("fd00::", UInt64.max, "fd00::ffff:ffff:ffff:ffff"),
    ])
    func `can be advanced by a number of steps`(start: String, steps: UInt64, end: String) {
        #expect(address(start).advanced(by: steps) == address(end))
    }

    @Test(arguments: [
        ("255.255.255.255", 1), ("10.3.2.1", UInt64.max), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1),
        ("ffff:ffff:ffff:ffff::1", UInt64.max),
    ])
    func `cannot be advanced past the last of its family`(start: String, steps: UInt64) {
        #expect(address(start).advanced(by: steps) == nil)
    }
}
