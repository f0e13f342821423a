// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Finds one-sided links without checking every pair, for hubs of any size. An entry for a single address concerns one device. The other entries,
/// which concern many, are checked once for all devices that have the same ones; even a large hub has only a few such lists.
public struct OneSidedSearch: Sendable {
    /// The number of one-sided links.
    public let count: Int
    /// The devices with a one-sided link, by their positions in the given list.
    public let concerned: [Int]

    /// The most entries to check and to follow. If there are more, there is no result.
    private static let maximumEntries = 2_000_000

    private let devices: [Device]
    /// The families of each device's addresses as a bit mask: 1 for IPv4, 2 for IPv6. 0 for a device that the hub does not know as a peer.
    private let families: [Int]
    /// The class of each device: the devices whose entries for more than one address are the same.
    private let classes: [Int]
    /// For each class, the families in which it lists each device.
    private let listed: [[Int]]
    /// For each device, the families in which it lists others by their own address.
    private let hosts: [[Int: Int]]

    /// `devices` are some of those of `reachability`. Nil if there are too many different lists.
    public init?(_ devices: [Device], _ reachability: Reachability) {
        // All devices are in the same order as there, so that none must be looked up.
        let isAll = devices.count == reachability.devices.count
        let lists = devices.indices.map { isAll ? reachability.allowed(at: $0) : reachability.allowed(devices[$0]) }
        families = zip(devices, lists).map { device, list in list == nil ? 0 : (device.ipv4 == nil ? 0 : 1) + (device.ipv6 == nil ? 0 : 2) }
        // Made only for lists with single addresses.
        lazy var places: [IPAddress: Int] = {
            var places: [IPAddress: Int] = [:]
            for (place, device) in devices.enumerated() { for case let address? in [device.ipv4, device.ipv6] { places[address] = place } }
            return places
        }()
        var (numbers, wide): ([[IPPrefix]: Int], [[IPPrefix]]) = ([:], [])
        var (classes, hosts, entries): ([Int], [[Int: Int]], Int) = ([], [], 0)
        for list in lists {
            var (listed, others): ([Int: Int], [IPPrefix]) = ([:], [])
            for prefix in list ?? [] {
                guard prefix.length == (prefix.address.isV4 ? 32 : 128) else {
                    others.append(prefix)
                    continue
                }
                if let place = places[prefix.address] { listed[place, default: 0] |= prefix.address.isV4 ? 1 : 2 }
            }
            entries += listed.count
            hosts.append(listed)
            let number = numbers[others] ?? wide.count
            if number == wide.count {
                numbers[others] = number
                wide.append(others)
                entries += others.count * devices.count
            }
            classes.append(number)
            guard entries <= Self.maximumEntries, wide.count * wide.count <= Self.maximumEntries else { return nil }
        }
        self.devices = devices
        self.classes = classes
        self.hosts = hosts
        let holds = { (prefixes: [IPPrefix], address: IPAddress?) in address.map { address in prefixes.contains { $0.contains(address) } } ?? false }
        listed = wide.map { prefixes in
            devices.map { prefixes.isEmpty ? 0 : (holds(prefixes, $0.ipv4) ? 1 : 0) + (holds(prefixes, $0.ipv6) ? 2 : 0) }
        }
        let counts = Self.counts(families, classes, listed, hosts)
        count = counts.reduce(0, +) / 2
        concerned = counts.indices.filter { counts[$0] > 0 }
    }

    /// The first links, in the order of the devices. In each, the first device lists the second.
    public func first(_ limit: Int) -> [Effect.Pair] {
        var pairs: [Effect.Pair] = []
        for a in concerned {
            for b in (a + 1)..<max(a + 1, devices.count) where pairs.count < limit && isOneSided(a, b) {
                let isFirst = lists(a, b) & families[a] != 0
                pairs.append(Effect.Pair(first: devices[isFirst ? a : b], second: devices[isFirst ? b : a]))
            }
            if pairs.count >= limit { break }
        }
        return pairs
    }

    private func lists(_ a: Int, _ b: Int) -> Int { families[a] == 0 ? 0 : (listed[classes[a]][b] | hosts[a][b, default: 0]) & families[b] }

    private func isOneSided(_ a: Int, _ b: Int) -> Bool { Self.isOneSided(families[a], lists(a, b), families[b], lists(b, a)) }

    /// `there` are the families in which the first device lists the second, `back` the reverse.
    private static func isOneSided(_ first: Int, _ there: Int, _ second: Int, _ back: Int) -> Bool {
        there & back == 0 && (there & first != 0 || back & second != 0)
    }

    /// The number of one-sided links of each device.
    private static func counts(_ families: [Int], _ classes: [Int], _ listed: [[Int]], _ hosts: [[Int: Int]]) -> [Int] {
        let size = listed.count
        // For each class and each class that may list it: how many of its devices have which families (bits 0 and 1), and are listed in which
        // families (bits 2 and 3).
        var sights = [Int](repeating: 0, count: size * size * 16)
        let start = { (members: Int, lister: Int) in (members * size + lister) * 16 }
        for place in families.indices where families[place] != 0 {
            for lister in 0..<size {
                sights[start(classes[place], lister) + families[place] + (listed[lister][place] & families[place]) * 4] += 1
            }
        }
        var counts = [Int](repeating: 0, count: families.count)
        for place in families.indices where families[place] != 0 {
            for other in 0..<size {
                let (back, first) = (listed[other][place] & families[place], start(other, classes[place]))
                for sight in 0..<16 where sights[first + sight] > 0 && isOneSided(families[place], sight >> 2, sight & 3, back) {
                    counts[place] += sights[first + sight]
                }
            }
        }
        // The pairs in which one lists the other by its own address.
        for (a, others) in hosts.enumerated() where families[a] != 0 {
            for b in others.keys where families[b] != 0 && a != b && (a < b || hosts[b][a] == nil) {
                let (there, back) = (listed[classes[a]][b] & families[b], listed[classes[b]][a] & families[a])
                let was = isOneSided(families[a], there, families[b], back)
                let now = isOneSided(
                    families[a], (there | others[b, default: 0]) & families[b], families[b], (back | hosts[b][a, default: 0]) & families[a])
                guard was != now else { continue }
                for place in [a, b] { counts[place] += now ? 1 : -1 }
            }
        }
        return counts
    }
}
