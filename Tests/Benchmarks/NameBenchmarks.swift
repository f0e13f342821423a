// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net

/// Answers to questions for names, without the tunnel around them, and making a zone.
enum NameBenchmarks {
    static func run() {
        for count in [10, 100_000] {
            let zone = zone(names: count)
            let name = "d\(count / 2).hairpin.internal"
            answer("name, \(count) names", zone, query(name, 1))
            answer("name that is refused, \(count) names", zone, query(name, 1), .askerDoesNotList)
            answer("name that nobody has, \(count) names", zone, query("x.hairpin.internal", 1))
            answer("name of an address, \(count) names", zone, query("1.0.0.10.in-addr.arpa", 12))
        }
        Measurement.of("making a zone of 10000 names") { count in
            (0..<count).reduce(0) { sum, _ in sum + zone(names: 10_000).count }
        }
        Measurement.of("spelling a name") { count in
            (0..<count).reduce(0) { sum, number in sum + NameLabel.spell("Berlin NAS \(number % 1000)").utf8.count }
        }
    }

    private static func answer(_ what: String, _ zone: Zone, _ query: [UInt8], _ permission: Zone.Permission = .granted) {
        _ = withUnsafeTemporaryAllocation(byteCount: NameQuery.maximumByteCount, alignment: 16) { out in
            query.withUnsafeBytes { bytes in
                Measurement.of(what) { count in
                    var sum = 0
                    for _ in 0..<count {
                        guard let query = NameQuery(bytes.baseAddress!, byteCount: bytes.count),
                            case .reply(let byteCount) = zone.answer(
                                query, at: out.baseAddress!, room: NameQuery.maximumByteCount, permission: { _ in permission })
                        else { preconditionFailure("no answer") }
                        sum += byteCount
                    }
                    return sum
                }
            }
        }
    }

    private static func zone(names count: Int) -> Zone {
        let names = (0..<count).map { ZoneName(label: "d\($0)", addresses: [.v4(IPv4Address(bits: 0x0A00_0001 + UInt32($0)))]) }
        return Zone(domain: DomainName("hairpin.internal")!, names: names, serial: 1)
    }

    private static func query(_ name: String, _ type: UInt8) -> [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1] + labels + [0, 0, type, 0, 1] + [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]
    }
}
