// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

struct `An endpoint` {
    @Test(arguments: ["192.0.2.1:51820", "192.0.2.1:0", "[2001:db8::1]:65535", "[fe80::1%2]:51820"])
    func `reads and writes the same text`(text: String) throws {
        #expect(try #require(Endpoint(text)).description == text)
    }

    @Test func `WG-E-8 keeps the scope of a link-local address`() {
        #expect(Endpoint("[fe80::1%7]:51820") == Endpoint(address: address("fe80::1"), port: 51820, scope: 7))
    }

    @Test(arguments: [
        "", ":51820", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:051820", "192.0.2.1:51820 ", "192.0.2.1%2:51820",
        "2001:db8::1:51820", "[2001:db8::1]", "[2001:db8::1]51820", "[2001:db8::1:51820", "[]:51820", "[fe80::1%]:51820", "[fe80::1%eth0]:51820",
        "[fe80::1%-1]:51820", "[fe80::1%4294967296]:51820", "hub.example.org:51820",
    ])
    func `refuses other text`(text: String) {
        #expect(Endpoint(text) == nil)
    }
}

struct `An endpoint that an admin writes` {
    @Test(
        arguments: [
            ("hub.example.org", "hub.example.org", nil),
            ("hub.example.org:51820", "hub.example.org", 51820),
            ("localhost:1", "localhost", 1),
            ("3com.example:51820", "3com.example", 51820),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", nil),
            ("192.0.2.1", "192.0.2.1", nil),
            ("192.0.2.1:51820", "192.0.2.1", 51820),
            ("2001:db8::1", "2001:db8::1", nil),
            ("[2001:db8::1]", "2001:db8::1", nil),
            ("[2001:db8::1]:51820", "2001:db8::1", 51820),
        ] as [(String, String, UInt16?)])
    func `is a host and an optional port`(text: String, host: String, port: UInt16?) {
        #expect(HostPort(text) == HostPort(host: host, port: port))
    }

    @Test(arguments: ["hub.example.org", "hub.example.org:51820", "192.0.2.1:51820", "2001:db8::1", "[2001:db8::1]:51820"])
    func `is written as it was read`(text: String) throws {
        #expect(try #require(HostPort(text)).description == text)
    }

    @Test(arguments: [
        "", ":51820", "hub.example.org:", "hub.example.org:0", "hub.example.org:65536", "hub.example.org:http", "hub..example.org",
        ".example.org", "example.org.", "-hub.example.org", "hub-.example.org", "hub_1.example.org", "hub example.org", "hub.example.org\n",
        "höb.example.org", "256.0.2.1", "192.0.2", "192.0.2.1.5", "12345", "[192.0.2.1]:51820", "[hub.example.org]:51820", "[2001:db8::1",
        "[fe80::1%2]:51820", "2001:db8::1::", "https://hub.example.org", "hub.example.org/",
        String(repeating: "a", count: 64) + ".example",
        String(repeating: "a23456789.", count: 25) + "abcd",
    ])
    func `is refused if it is neither an address nor a host name`(text: String) {
        #expect(HostPort(text) == nil)
    }

    @Test func `may be as long as a host name can be`() {
        let label = String(repeating: "a", count: 63)
        #expect(HostPort("\(label).example:1")?.host == "\(label).example")
        #expect(HostPort(String(repeating: "a23456789.", count: 25) + "abc") != nil)
    }
}
