// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What a packet is for: a transport protocol, and for TCP and UDP perhaps the ports that it goes to.
///
/// Its text is what people write in a rule: `any`, `tcp`, `tcp 22`, `udp 53, 5000-5010`, `icmp`, or the number of an IP protocol, such as `47`.
public struct TransportService: Hashable, Sendable {
    /// The transport protocol.
    public enum Transport: Hashable, Sendable {
        case any
        case tcp
        case udp
        /// ICMP in IPv4 and ICMPv6 in IPv6.
        case icmp
        /// Another protocol, by its number (IANA).
        case number(UInt8)
    }

    /// The protocol.
    public let transport: Transport
    /// The destination ports, in ascending order, without overlaps. Empty: all ports.
    public let ports: [ClosedRange<UInt16>]

    /// The maximum number of ranges of ports in one service.
    public static let portLimit = 32

    /// Every packet.
    public static let any = TransportService(checked: .any, [])

    /// Joins overlapping ranges. Nil if only TCP and UDP have ports and this is neither, or if there are more than `portLimit` ranges.
    public init?(_ transport: Transport, ports: [ClosedRange<UInt16>] = []) {
        let named: Transport =
            switch transport {
            case .number(6): .tcp
            case .number(17): .udp
            default: transport
            }
        guard ports.isEmpty || named == .tcp || named == .udp, ports.count <= Self.portLimit else { return nil }
        var joined: [ClosedRange<UInt16>] = []
        for range in ports.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            if let last = joined.last, UInt32(range.lowerBound) <= UInt32(last.upperBound) + 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        self.init(checked: named, joined == [0...UInt16.max] ? [] : joined)
    }

    private init(checked transport: Transport, _ ports: [ClosedRange<UInt16>]) { (self.transport, self.ports) = (transport, ports) }

    /// True for a packet with this protocol and destination port. Protocols without ports have port 0.
    public func holds(number: UInt8, port: UInt16) -> Bool {
        switch transport {
        case .any: true
        case .tcp: number == 6 && holds(port)
        case .udp: number == 17 && holds(port)
        case .icmp: number == 1 || number == 58
        case .number(let other): number == other
        }
    }

    private func holds(_ port: UInt16) -> Bool { ports.isEmpty || ports.contains { $0.contains(port) } }
}

extension TransportService: LosslessStringConvertible {
    /// Parses what `description` prints, with any spacing and in any case; nil for any other text.
    public init?(_ text: String) {
        let words = text.split { $0 == " " || $0 == "," || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        guard let first = words.first else { return nil }
        let transport: Transport
        switch first.lowercased() {
        case "any": transport = .any
        case "tcp": transport = .tcp
        case "udp": transport = .udp
        case "icmp": transport = .icmp
        case let word:
            guard let number = decimal(Substring(word), upTo: 255) else { return nil }
            transport = .number(UInt8(number))
        }
        var ports: [ClosedRange<UInt16>] = []
        for word in words.dropFirst() {
            guard let range = Self.range(word) else { return nil }
            ports.append(range)
        }
        self.init(transport, ports: ports)
    }

    private static func range(_ word: Substring) -> ClosedRange<UInt16>? {
        let ends = word.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { decimal($0, upTo: 65_535) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { return nil }
        return UInt16(first)...UInt16(last)
    }

    public var description: String {
        let name =
            switch transport {
            case .any: "any"
            case .tcp: "tcp"
            case .udp: "udp"
            case .icmp: "icmp"
            case .number(let number): String(number)
            }
        guard !ports.isEmpty else { return name }
        return name + " " + ports.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
    }
}
