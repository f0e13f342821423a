// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The decision, and what it takes to build its tables. Devices own one address each and may reach everybody.
enum ForwardingBenchmarks {
    static func run() {
        for devices in [10, 100_000] {
            let table = table(devices: devices)
            // Traffic of eight pairs, whose nodes stay in the cache, and of everybody with everybody.
            decide("decide, \(devices) prefixes, 8 pairs", table, pairs(8, among: devices))
            decide("decide, \(devices) prefixes, any pair", table, pairs(65_536, among: devices))
        }
        let keys = (0..<100_000).map { address($0).bits }
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
        var owners = table(devices: 100_000)
        Measurement.of("setOwned and setAllowed among 100000") { count in
            for number in 0..<count { give(&owners, device: number % 100_000) }
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

    private static func table(devices: Int) -> ForwardingTable {
        var table = ForwardingTable()
        for device in 0..<devices { give(&table, device: device) }
        return table
    }

    private static func give(_ table: inout ForwardingTable, device: Int) {
        table.setOwned([IPPrefix(host: .v4(address(device)))], by: UInt32(device))
        table.setAllowed([IPPrefix("10.0.0.0/8")!], for: UInt32(device))
    }

    private static func pairs(_ count: Int, among devices: Int) -> [(sender: UInt32, source: IPAddress, destination: IPAddress)] {
        var numbers = Numbers()
        return (0..<count).map { _ in
            let (a, b) = (Int(numbers.next()) % devices, Int(numbers.next()) % devices)
            return (UInt32(a), .v4(address(a)), .v4(address(b)))
        }
    }

    private static func address(_ device: Int) -> IPv4Address { IPv4Address(bits: 0x0a00_0000 + UInt32(device)) }
}
