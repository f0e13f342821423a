// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Lost UDP datagrams in this network namespace since its creation, over all sockets, processes and both families. Read from /proc/net/snmp
/// and /proc/net/snmp6, which any user may read. proc_net(5)
public struct UDPStatistics: Hashable, Sendable {
    /// Datagrams that could not be delivered, including those below.
    public var inErrors: UInt64 = 0
    /// Datagrams that found the receive queue of their socket full.
    public var receiveBufferErrors: UInt64 = 0
    /// Datagrams that found no room in a send queue.
    public var sendBufferErrors: UInt64 = 0

    /// Throws the errors of opening the IPv4 file; a host without IPv6 counts zero for it.
    public static func current() throws(FileError) -> UDPStatistics {
        let v4 = try Files.read("/proc/self/net/snmp")
        let v6 = (try? Files.read("/proc/self/net/snmp6")) ?? []
        return UDPStatistics(snmp: String(decoding: v4, as: UTF8.self), snmp6: String(decoding: v6, as: UTF8.self))
    }

    /// Reads the two files' text. Counters that are missing stay zero.
    init(snmp: String, snmp6: String) {
        // IPv4: a line of names, then a line of numbers, both beginning with "Udp:".
        let lines = snmp.split(separator: "\n").filter { $0.hasPrefix("Udp:") }.map { $0.split(separator: " ") }
        if lines.count == 2 { for (name, value) in zip(lines[0], lines[1]) { add(name, value) } }
        // IPv6: a name and a number per line.
        for line in snmp6.split(separator: "\n") where line.hasPrefix("Udp6") {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if fields.count == 2 { add(fields[0].dropFirst(4), fields[1]) }
        }
    }

    private mutating func add(_ name: Substring, _ value: Substring) {
        let count = UInt64(value) ?? 0
        switch name {
        case "InErrors": inErrors &+= count
        case "RcvbufErrors": receiveBufferErrors &+= count
        case "SndbufErrors": sendBufferErrors &+= count
        default: break
        }
    }
}
