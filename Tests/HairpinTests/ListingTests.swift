// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Linux
import Net
import Relay
import Testing
import Words

@testable import hairpin

@Suite struct `A device of a running hub` {
    private let key = PrivateKey.generate().publicKey
    private let other = PrivateKey.generate().publicKey

    private func row(_ device: LiveDevice) -> [String: JSON] { Dictionary(uniqueKeysWithValues: device.row.map { ($0.name, $0.value) }) }

    /// The hub reports what it received; people and the API see it from the device.
    @Test func `has received what the hub sent`() {
        let lines: [Substring] = ["endpoint=192.0.2.7:4500", "last_handshake=1800000000", "received_bytes=10", "sent_bytes=2000"]
        let row = row(LiveDevice(PeerReport(lines: lines), names: [:]))
        #expect(row["received_bytes"] == 2000)
        #expect(row["sent_bytes"] == 10)
        #expect(row["endpoint_now"] == "192.0.2.7:4500")
        #expect(row["last_handshake_at"] == "2027-01-15T08:00:00Z")
        #expect(row["last_received_at"] == .null)
    }

    @Test func `is unknown without a hub`() {
        let device = LiveDevice(nil, names: [:])
        #expect(row(device)["received_bytes"] == .null)
        #expect(device.drops == .null)
        #expect(device.dropRows.isEmpty)
    }

    @Test func `names the other device of a dropped packet`() {
        let drop = "drop=not_in_receivers_allowed_ips \(key.base64) \(other.base64) 3 1800000000"
        let device = LiveDevice(PeerReport(lines: [Substring(drop)]), names: [key: "nas"])
        // A key without a device shows as it is.
        let expected: [String: JSON] = [
            "reason": "not_in_receivers_allowed_ips", "from": "nas", "to": .string(other.base64), "count": 3, "last_at": "2027-01-15T08:00:00Z",
        ]
        #expect(device.dropRows.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.name, $0.value) }) } == [expected])
    }
}

@Suite struct `A line of JSON on the terminal` {
    @Test func `has no character that a terminal obeys, and means the same`() throws {
        let value: JSON = ["name": .string("a\u{1B}[2J\u{7F}\u{202E}\u{9B}b"), "other": "ä"]
        let line = Listing.line(of: value)
        #expect(line.unicodeScalars.filter { !$0.isHarmless }.isEmpty)
        #expect(line.contains("ä"))
        #expect(try JSON(parsing: Array(line.utf8)) == value)
    }
}

@Suite struct `The address of the portal` {
    private func base(_ listens: String, _ words: String...) throws -> String {
        PortalServers.base(of: .tcp(try #require(Endpoint(listens))), try ServeSettings(try ServeOptions.parse(words)))
    }

    @Test func `is one that a browser on this host can open`() throws {
        #expect(try base("127.0.0.1:8080") == "http://127.0.0.1:8080")
        #expect(try base("[::]:8080") == "http://127.0.0.1:8080")
        #expect(try base("0.0.0.0:8080") == "http://127.0.0.1:8080")
        #expect(try base("[2001:db8::1]:8080") == "http://[2001:db8::1]:8080")
        #expect(try base("0.0.0.0:443", "--tls-certificate", "c", "--tls-key", "k") == "https://127.0.0.1:443")
        #expect(try base("0.0.0.0:8080", "--host-name", "hub.example.org,b.example") == "http://hub.example.org:8080")
    }
}
