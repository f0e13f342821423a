// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Rows of bits, one bit per rule.
enum Bits {
    /// A row of `wordCount` words with these bits set.
    static func row(_ wordCount: Int, _ rules: some Sequence<Int>) -> [UInt64] {
        var row = [UInt64](repeating: 0, count: wordCount)
        for rule in rules { row[rule / 64] |= 1 << UInt64(rule % 64) }
        return row
    }

    /// The start of a row in `bits`, appended if it is new.
    static func place(_ row: [UInt64], _ bits: inout [UInt64], _ known: inout [[UInt64]: Int]) -> Int {
        if let place = known[row] { return place }
        known[row] = bits.count
        bits += row
        return bits.count - row.count
    }
}

/// For each member, the rules that name it or everybody.
struct MemberRows: Sendable {
    /// All rows, one after the other. The first one is that of members that no rule names.
    private(set) var bits: [UInt64] = []
    /// Where the row of each member starts.
    private var starts: [UInt32] = []

    init(_ parties: [Rule.Party], _ wordCount: Int) {
        let everybody = Bits.row(wordCount, parties.indices.filter { parties[$0] == .any })
        var known: [[UInt64]: Int] = [:]
        _ = Bits.place(everybody, &bits, &known)
        var named: [ForwardingTable.Member: [UInt64]] = [:]
        for (rule, party) in parties.enumerated() {
            guard case .members(let members) = party else { continue }
            for member in members { named[member, default: everybody][rule / 64] |= 1 << UInt64(rule % 64) }
        }
        starts = Array(repeating: 0, count: named.keys.max().map { Int($0) + 1 } ?? 0)
        for (member, row) in named { starts[Int(member)] = UInt32(Bits.place(row, &bits, &known)) }
    }

    func row(of member: ForwardingTable.Member?) -> Int {
        guard let member, Int(member) < starts.count else { return 0 }
        return Int(starts[Int(member)])
    }
}

/// For each address, the rules whose prefix holds it.
struct PrefixRows: Sendable {
    /// All rows, one after the other. The first one has no bits.
    private(set) var bits: [UInt64] = []
    private var tables4 = PrefixTables<UInt32>()
    private var tables6 = PrefixTables<UInt128>()
    private var table4 = PrefixTables<UInt32>.empty
    private var table6 = PrefixTables<UInt128>.empty

    init(_ parties: [Rule.Party], _ wordCount: Int) {
        var known: [[UInt64]: Int] = [:]
        _ = Bits.place(Bits.row(wordCount, []), &bits, &known)
        var rules: [IPPrefix: [Int]] = [:]
        for (rule, party) in parties.enumerated() {
            if case .prefix(let prefix) = party { rules[prefix, default: []].append(rule) }
        }
        // A lookup finds the longest prefix only, so the row of each holds the rules of the wider ones as well.
        for prefix in rules.keys {
            let holding = rules.filter { $0.key.contains(prefix) }.flatMap(\.value)
            let start = UInt32(Bits.place(Bits.row(wordCount, holding), &bits, &known))
            switch prefix.address {
            case .v4(let a): tables4.insert(a.bits, length: prefix.length, value: start, in: &table4)
            case .v6(let a): tables6.insert(a.bits, length: prefix.length, value: start, in: &table6)
            }
        }
    }

    func row(of address: IPAddress) -> Int {
        let found =
            switch address {
            case .v4(let a): tables4.lookup(a.bits, in: table4)
            case .v6(let a): tables6.lookup(a.bits, in: table6)
            }
        return found == PrefixTables<UInt32>.noValue ? 0 : Int(found)
    }
}

/// For each protocol and port, the rules whose service holds them.
struct ServiceRows: Sendable {
    /// All rows, one after the other.
    private(set) var bits: [UInt64] = []
    /// Where the row of each protocol starts; not for TCP and UDP.
    private var starts: [UInt32] = []
    private var tcp = Ports()
    private var udp = Ports()

    /// The rows of one protocol's ports.
    private struct Ports: Sendable {
        /// The first port of each row, ascending from 0.
        var firsts: [UInt16] = []
        var starts: [UInt32] = []

        /// Binary search for the last row that starts at the port or before it.
        func start(of port: UInt16) -> Int {
            var (low, high) = (0, firsts.count)
            while high &- low > 1 {
                let middle = (low &+ high) / 2
                if firsts[middle] <= port { low = middle } else { high = middle }
            }
            return Int(starts[low])
        }
    }

    init(_ services: [TransportService], _ wordCount: Int) {
        var known: [[UInt64]: Int] = [:]
        for number in UInt8.min...UInt8.max {
            let row = Bits.row(wordCount, services.indices.filter { services[$0].holds(number: number, port: 0) })
            starts.append(UInt32(Bits.place(row, &bits, &known)))
        }
        tcp = ports(of: services, .tcp, number: 6, wordCount, &known)
        udp = ports(of: services, .udp, number: 17, wordCount, &known)
    }

    private mutating func ports(
        of services: [TransportService], _ transport: TransportService.Transport, number: UInt8, _ wordCount: Int, _ known: inout [[UInt64]: Int]
    ) -> Ports {
        // Which bits change at a port, on the way from port 0 to the last one. The ranges of one service do not overlap.
        var changes: [UInt16: [Int]] = [0: []]
        for (rule, service) in services.enumerated() where service.transport == transport {
            for range in service.ports {
                changes[range.lowerBound, default: []].append(rule)
                if range.upperBound < .max { changes[range.upperBound + 1, default: []].append(rule) }
            }
        }
        let portless = services.indices.filter { services[$0].ports.isEmpty && services[$0].holds(number: number, port: 0) }
        var row = Bits.row(wordCount, portless)
        var ports = Ports(firsts: changes.keys.sorted())
        for port in ports.firsts {
            for rule in changes[port] ?? [] { row[rule / 64] ^= 1 << UInt64(rule % 64) }
            ports.starts.append(UInt32(Bits.place(row, &bits, &known)))
        }
        return ports
    }

    func row(number: UInt8, port: UInt16) -> Int {
        switch number {
        case 6: tcp.start(of: port)
        case 17: udp.start(of: port)
        default: Int(starts[Int(number)])
        }
    }
}
