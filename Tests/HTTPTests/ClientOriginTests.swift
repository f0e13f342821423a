// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import HTTP
import Net
import Testing

struct `The origin of a request` {
    private let proxies = TrustedProxies(prefixes: ["10.0.0.0/8", "fd00::/8"].compactMap { IPPrefix($0) })

    private func client(_ hops: String..., peer: String = "10.0.0.1", proto: String? = nil) -> String {
        var fields = Fields()
        for line in hops { fields.append("X-Forwarded-For", line) }
        if let proto { fields.append("X-Forwarded-Proto", proto) }
        let address = IPAddress(peer) ?? .v4(.any)
        let origin = proxies.origin(of: address, isProxy: proxies.contains(address), isTLS: false, fields: fields)
        return "\(origin.address)\(origin.isTLS ? " tls" : "")"
    }

    @Test func `is the peer unless it is a trusted proxy`() {
        #expect(client("192.0.2.1", peer: "198.51.100.1", proto: "https") == "198.51.100.1")
    }

    @Test func `is the right-most hop that is not trusted`() {
        #expect(client("192.0.2.1") == "192.0.2.1")
        #expect(client("6.6.6.6, 192.0.2.1,10.9.9.9") == "192.0.2.1")
        #expect(client("2001:db8::1 , fd00::1") == "2001:db8::1")
        #expect(client("10.0.0.3, 10.0.0.2") == "10.0.0.3")
    }

    @Test func `is the peer if the proxies' fields are invalid`() {
        #expect(client("unknown") == "10.0.0.1")
        #expect(client("192.0.2.1, junk, 10.0.0.2") == "10.0.0.1")
        for junk in ["192.0.2.1:", "192.0.2.1:x", "192.0.2.1:99999", "[192.0.2.1]", "[2001:db8::1", "2001:db8::1]", "[]", "[2001:db8::1]80", ""] {
            #expect(client(junk) == "10.0.0.1", "\(junk)")
        }
    }

    @Test func `does not depend on how many lines the list has, or on what the client put into it`() {
        #expect(client("6.6.6.6", "192.0.2.2") == "192.0.2.2")
        #expect(client("6.6.6.6, 7.7.7.7", "192.0.2.2, 10.0.0.3") == "192.0.2.2")
        #expect(client("192.0.2.2", "10.0.0.3", "10.0.0.2") == "192.0.2.2")
        #expect(client("", "junk", "192.0.2.2") == "192.0.2.2")
    }

    @Test(arguments: [
        ("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("[::ffff:192.0.2.1]:80", "192.0.2.1"), ("192.0.2.1, ::ffff:10.0.0.7", "192.0.2.1"),
        ("192.0.2.1, [fd00::1]:9", "192.0.2.1"),
    ])
    func `may have a port, brackets, or an IPv4 address in IPv6 form`(hop: String, address: String) {
        #expect(client(hop) == address)
    }

    @Test func `has the port that the proxy reports, if it is one`() {
        func port(_ lines: String..., isProxy: Bool = true) -> UInt16? {
            var fields = Fields()
            for line in lines { fields.append("X-Forwarded-Port", line) }
            return proxies.origin(of: .v4(.loopback), isProxy: isProxy, isTLS: true, fields: fields).port
        }
        #expect(port("8443") == 8443)
        #expect(port("8443", isProxy: false) == nil)
        #expect(port("1, 8443") == 8443)
        #expect(port("1", "8443") == 8443)
        for junk in ["", "https", "-1", "+8443", "65536", "84 43"] { #expect(port(junk) == nil, "\(junk)") }
    }

    @Test func `is encrypted if the proxy's own value is https`() {
        #expect(client("192.0.2.1", proto: "https") == "192.0.2.1 tls")
        #expect(client("192.0.2.1", proto: "https, http") == "192.0.2.1")
        #expect(client("192.0.2.1", proto: "http, HTTPS") == "192.0.2.1 tls")
    }
}
