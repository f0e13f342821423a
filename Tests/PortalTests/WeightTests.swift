// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Testing

@testable import Portal

/// Bytes without pictures, the same in every run. `make microbench PARTS=pages` has every page with 10,000 devices, and its processor time.
@Suite struct `With hundreds of devices of long names` {
    private static let limit = 60_000

    /// Names as long as they may be; every tenth device lists nobody, and one has a long list of its own, sessions and history.
    private func hub() throws -> (hub: TestSite, busy: Device) {
        let hub = try TestSite(network: "10.0.0.0/8")
        try hub.database.change(by: .system, at: World.start) { transaction in
            for number in 0..<450 {
                let key = PublicKey((0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) | ($0 == 31 ? 64 : 0) })!
                let name = "gateway-of-the-pumping-station-on-the-northern-shore-of-la\(100_000 + number)"
                let tags = [Tag("site-\(number / 200)")!] + (number % 5 == 0 ? [Tag("field")!] : [])
                var new = NewDevice(
                    name: name, description: String(repeating: "in the old workshop ", count: 40), tags: tags, publicKey: key, ipv6: .none)
                if number % 10 == 1 { new.overrides.allowedIPs = .own([]) }
                _ = try transaction.add(new)
            }
        }
        let devices = try hub.database.read { try $0.devices() }
        let busy = devices[40]
        for count in 1...8 {
            try hub.database.change(by: .system, at: World.start) { transaction in
                var device = try transaction.device(busy.id)
                device.overrides.allowedIPs = .own(devices.prefix(count * 50).compactMap(\.ipv4).map(IPPrefix.init(host:)))
                try transaction.update(device)
            }
        }
        let minute = World.start.seconds / 60
        try hub.database.write { transaction in
            for ago in (1...60).reversed() {
                let cells = devices.prefix(60).map { ($0.publicKey, TrafficCell(received: 1_000, sent: UInt64(ago) * 5_000)) }
                try transaction.recordTraffic(cells, minute: minute - Int64(ago))
            }
            for number in 1...20 {
                let at = World.start.adding(seconds: Int64(number - 21) * 1_000)
                try transaction.recordOnlinePeriods(of: [
                    PeerSight(publicKey: busy.publicKey, endpoint: Endpoint("[2001:db8:1234:5678::\(number)]:51820"), lastHandshakeAt: at)
                ])
            }
        }
        // By their place, not by their ids, which are random: the weight must be the same in every run.
        for (place, device) in devices.enumerated() where place / 5 % 2 == 0 { hub.hear(from: device) }
        return (hub, busy)
    }

    /// Without what stands between `<svg` and `</svg>`.
    private func weight(_ page: String) -> Int {
        let pieces = page.split(separator: "<svg", omittingEmptySubsequences: false)
        return pieces.dropFirst().reduce(pieces[0].utf8.count) { weight, piece in
            weight + (piece.firstRange(of: "</svg>").map { piece[$0.upperBound...].utf8.count } ?? piece.utf8.count)
        }
    }

    @Test func `every page weighs less than sixty kilobytes without its pictures`() throws {
        let (hub, busy) = try hub()
        let browser = try hub.signedIn()
        let other = try hub.database.read { try $0.devices() }[81]
        let pages = [
            "/devices", "/devices?tag=field", "/devices/\(busy.id)", "/devices/\(busy.id)?range=1h", "/devices/\(other.id)",
            "/settings/\(busy.id)/edit", "/settings/defaults", "/reachability?from=\(busy.id)&to=\(other.id)", "/reachability?q=1000",
            "/links?a=\(busy.name)&b=\(other.name)", "/map", "/map?tag=site-0", "/changes/2", "/changes/9", "/status", "/audit",
        ]
        for page in pages {
            let answer = try browser.get(page)
            #expect(answer.status == 200, "\(page)")
            #expect(weight(answer.text) < Self.limit, "\(page)")
        }
    }
}
