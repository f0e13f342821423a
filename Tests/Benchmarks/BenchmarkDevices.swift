// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store

@testable import Portal

/// The devices of a large hub, as heavy as possible: names of the maximum length, two addresses, tags, values of their own. Most follow the
/// defaults and reach each other; every tenth lists nobody, so that the others' links to it are one-sided.
enum BenchmarkDevices {
    static let network = (v4: IPPrefix("10.0.0.0/8")!, v6: IPPrefix("fd00::/64")!)

    static func device(_ number: Int) -> NewDevice {
        var key = [UInt8](repeating: 9, count: 32)
        (key[0], key[1]) = (UInt8(number & 255), UInt8(number >> 8))
        return NewDevice(
            name: name(number), description: number % 3 == 0 ? "on the shelf of room \(number % 17), behind the door of the old workshop" : "",
            tags: tags(number), publicKey: PublicKey(key)!,
            ipv4: .own(.v4(IPv4Address(bits: 0x0a00_0002 + UInt32(number)))), ipv6: .own(IPAddress("fd00::\(hex(number + 2))")!),
            overrides: overrides(number))
    }

    /// 64 characters, the most that a name may have.
    private static func name(_ number: Int) -> String {
        let end = String(100_000 + number)
        return "gateway-of-the-pumping-station-on-the-northern-shore-of-lake-".prefix(64 - end.count) + end
    }

    /// Tags: 40 sites of 250 devices, and `field` for some of them.
    private static func tags(_ number: Int) -> [Tag] {
        [Tag("site-\(number / 250)")!] + (number % 5 == 0 ? [Tag("field")!] : [])
    }

    private static func overrides(_ number: Int) -> Overrides {
        var overrides = Overrides()
        if number % 10 == 1 { overrides.allowedIPs = .own([]) }
        if number % 10 == 2 { overrides.persistentKeepalive = .own(15) }
        return overrides
    }

    private static func hex(_ number: Int) -> String { String(number, radix: 16) }

    /// Every other one online, some with drops and two that share a key.
    static func snapshot(_ devices: [Device], now: UnixTime) -> HubStatus {
        var snapshot = HubStatus(workers: 2, listen: Endpoint("[::]:51820"))
        for (number, device) in devices.enumerated() where number % 2 == 0 {
            let at = now.adding(seconds: -Int64(number % 200))
            snapshot.peers[device.publicKey] = PeerSight(
                publicKey: device.publicKey, endpoint: Endpoint("198.51.100.7:\(1024 + number)"), lastHandshakeAt: at,
                receivedBytes: Int64(number) * 1_000, sentBytes: Int64(number) * 2_000, lastSeenAt: at, lastDataAt: at)
        }
        snapshot.pairDrops = (0..<8_192).map { number in
            let (from, to) = (devices[number % 4 == 0 ? devices.count / 2 : number].publicKey, devices[devices.count - 1 - number].publicKey)
            return HubStatus.PairDrop(
                reason: number % 2 == 0 ? .notInAllowedIPs : .notInReceiversAllowedIPs, from: from, to: to, count: 9_000_000 - UInt64(number),
                lastAt: now.adding(seconds: -7))
        }
        return snapshot
    }
}
