// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The decision, and building its tables. Devices own one address each and may reach all others.
enum ForwardingBenchmarks {
    static func run() {
        for (family, address) in [("IPv4", { IPAddress.v4(address4($0)) }), ("IPv6", { IPAddress.v6(address6($0)) })] {
            for devices in [10, 100_000] {
                let table = table(devices: devices, address)
                // Traffic of eight pairs, whose slots stay in the cache, and between all pairs.
                decide("decide, \(family), \(devices) prefixes, 8 pairs", table, pairs(8, among: devices, address))
                decide("decide, \(family), \(devices) prefixes, any pair", table, pairs(65_536, among: devices, address))
            }
        }
        let keys = (0..<100_000).map { address4($0).bits }
        var tables = PrefixTables<UInt32>()
        var prefixes = PrefixTables<UInt32>.empty
        for (value, key) in keys.enumerated() { tables.insert(key, length: 32, value: UInt32(value), in: &prefixes) }
        Measurement.of("lookup among 100000 prefixes, one after the other") { count in
            var found = 0
            for number in 0..<count where tables.lookup(keys[number % keys.count], in: prefixes) != PrefixTables<UInt32>.noValue { found += 1 }
            precondition(found == count)
            return found
        }
        var numbers = Numbers()
        Measurement.of("remove and insert among 100000 prefixes") { count in
            for _ in 0..<count {
                let key = keys[Int(numbers.next()) % keys.count]
                tables.remove(key, length: 32, from: &prefixes)
                tables.insert(key, length: 32, value: 1, in: &prefixes)
            }
            return tables.count
        }
        var owners = table(devices: 100_000) { .v4(address4($0)) }
        Measurement.of("setOwned and setAllowed among 100000") { count in
            for number in 0..<count { give(&owners, device: number % 100_000) { .v4(address4($0)) } }
            return owners.prefixCount
        }
    }

    private static func decide(_ name: String, _ table: ForwardingTable, _ pairs: [(sender: UInt32, source: IPAddress, destination: IPAddress)]) {
        Measurement.of(name) { count in
            var forwarded = 0
            for number in 0..<count {
                let pair = pairs[number & (pairs.count - 1)]
                if case .forward = table.decide(from: pair.sender, source: pair.source, destination: pair.destination) { forwarded += 1 }
            }
            precondition(forwarded == count)
            return forwarded
        }
    }

    private static func table(devices: Int, _ address: (Int) -> IPAddress) -> ForwardingTable {
        var table = ForwardingTable()
        for device in 0..<devices { give(&table, device: device, address) }
        return table
    }

    private static func give(_ table: inout ForwardingTable, device: Int, _ address: (Int) -> IPAddress) {
        table.setOwned([IPPrefix(host: address(device))], by: member(device))
        table.setAllowed([IPPrefix("10.0.0.0/8")!, IPPrefix("fd00::/8")!], for: member(device))
    }

    /// The hub is the first member.
    private static func member(_ device: Int) -> ForwardingTable.Member { ForwardingTable.hub + 1 + UInt32(device) }

    private static func pairs(
        _ count: Int, among devices: Int, _ address: (Int) -> IPAddress
    ) -> [(sender: UInt32, source: IPAddress, destination: IPAddress)] {
        var numbers = Numbers()
        return (0..<count).map { _ in
            let (a, b) = (Int(numbers.next()) % devices, Int(numbers.next()) % devices)
            return (member(a), address(a), address(b))
        }
    }

    private static func address4(_ device: Int) -> IPv4Address { IPv4Address(bits: 0x0a00_0000 + UInt32(device)) }

    private static func address6(_ device: Int) -> IPv6Address { IPv6Address(high: 0xfd00_0000_0000_0000, low: UInt64(device)) }
}
