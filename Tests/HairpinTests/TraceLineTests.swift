// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Relay
import Testing
import WireGuard

@testable import hairpin
import Words

@Suite struct `A line of a trace` {
    private static let laptop = PrivateKey.generate().publicKey
    private static let nas = PrivateKey.generate().publicKey

    private func line(_ packet: String) throws -> TraceLine {
        let text = packet.replacing("LAPTOP", with: Self.laptop.base64).replacing("NAS", with: Self.nas.base64)
        return TraceLine(packet: try #require(TracedPacket(text)), device: Self.laptop, names: [Self.laptop: "laptop", Self.nas: "nas"])
    }

    @Test(arguments: [
        (
            "1800000000123000000 data LAPTOP NAS 192.0.2.7:4500 10.3.2.2 10.3.2.3 1420 6 forwarded",
            "08:00:00.123  sent  laptop > nas  10.3.2.2 > 10.3.2.3 tcp  1420 bytes  from 192.0.2.7:4500  forwarded"
        ),
        (
            "1800000000123000000 data NAS LAPTOP 192.0.2.8:4500 10.3.2.3 10.3.2.2 60 58 not_in_receivers_allowed_ips",
            "08:00:00.123  received  nas > laptop  10.3.2.3 > 10.3.2.2 icmpv6  60 bytes  from 192.0.2.8:4500  dropped not_in_receivers_allowed_ips"
        ),
        (
            "1800000000123000000 data NAS LAPTOP 192.0.2.8:4500 10.3.2.3 10.3.2.2 60 17 rule_refused:3",
            "08:00:00.123  received  nas > laptop  10.3.2.3 > 10.3.2.2 udp  60 bytes  from 192.0.2.8:4500  dropped rule_refused by rule 3"
        ),
        (
            "1800000000123000000 initiation - LAPTOP 192.0.2.7:4500 - - 148 - sent",
            "08:00:00.123  received  hub > laptop  initiation  148 bytes  to 192.0.2.7:4500  initiation sent"
        ),
        (
            "1800000000123000000 response LAPTOP - 192.0.2.7:4500 - - 92 - session",
            "08:00:00.123  sent  laptop > hub  response  92 bytes  from 192.0.2.7:4500  session begun"
        ),
        (
            "1800000000123000000 initiation LAPTOP - 192.0.2.7:4500 - - 148 - timestamp_replay",
            "08:00:00.123  sent  laptop > hub  initiation  148 bytes  from 192.0.2.7:4500  dropped timestamp_replay"
        ),
    ])
    func `shows the devices, the message and the decision`(packet: String, text: String) throws { #expect(try line(packet).text == text) }

    @Test func `shows the same as JSON`() throws {
        let json = try JSON(parsing: Array(line("1800000000123000000 data LAPTOP NAS 192.0.2.7:4500 10.3.2.2 10.3.2.3 60 17 too_big").json.utf8))
        #expect(
            json == [
                "at_ns": 1_800_000_000_123_000_000, "type": "data", "from": "laptop", "to": "nas", "outside": "192.0.2.7:4500",
                "source": "10.3.2.2", "destination": "10.3.2.3", "bytes": 60, "protocol": 17, "verdict": "dropped", "reason": "too_big",
                "rule": nil,
            ])
        let sent = try JSON(parsing: Array(line("1800000000123000000 initiation - LAPTOP - - - 148 - sent").json.utf8))
        #expect(sent["verdict"] == "sent")
        #expect(sent["reason"] == .null)
        #expect(sent["from"] == .null)
    }
}
