// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A set of services: of pairs of a protocol number and a destination port.
///
/// The pairs are numbers below 2^24, protocol first, and the set is a list of ascending ranges of them that do not touch.
public struct ServiceSet: Hashable, Sendable {
    private var ranges: [ClosedRange<UInt32>]

    private static let last: UInt32 = 1 << 24 - 1

    /// No service.
    public static let none = ServiceSet(ranges: [])
    /// Every service.
    public static let all = ServiceSet(ranges: [0...last])

    private init(ranges: [ClosedRange<UInt32>]) { self.ranges = ranges }

    /// The pairs of one service.
    public init(_ service: TransportService) {
        switch service.transport {
        case .any: self = .all
        case .tcp: self.init(number: 6, ports: service.ports)
        case .udp: self.init(number: 17, ports: service.ports)
        case .icmp: self = ServiceSet(number: 1, ports: []).union(ServiceSet(number: 58, ports: []))
        case .number(let number): self.init(number: number, ports: [])
        }
    }

    private init(number: UInt8, ports: [ClosedRange<UInt16>]) {
        let base = UInt32(number) << 16
        ranges = ports.isEmpty ? [base...base + 0xFFFF] : ports.map { base + UInt32($0.lowerBound)...base + UInt32($0.upperBound) }
    }

    /// True if the set holds no service.
    public var isEmpty: Bool { ranges.isEmpty }
    /// True if the set holds every service.
    public var isAll: Bool { ranges == Self.all.ranges }

    /// True if the set holds this protocol with this destination port; port 0 for protocols without ports.
    public func holds(number: UInt8, port: UInt16) -> Bool {
        let place = UInt32(number) << 16 | UInt32(port)
        return ranges.contains { $0.contains(place) }
    }

    /// The services of either set.
    public func union(_ other: ServiceSet) -> ServiceSet {
        var joined: [ClosedRange<UInt32>] = []
        for range in (ranges + other.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, range.lowerBound <= last.upperBound &+ 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return ServiceSet(ranges: joined)
    }

    /// The services of both sets.
    public func intersection(_ other: ServiceSet) -> ServiceSet {
        var common: [ClosedRange<UInt32>] = []
        var (a, b) = (0, 0)
        while a < ranges.count, b < other.ranges.count {
            let (low, high) = (
                max(ranges[a].lowerBound, other.ranges[b].lowerBound), min(ranges[a].upperBound, other.ranges[b].upperBound)
            )
            if low <= high { common.append(low...high) }
            if ranges[a].upperBound < other.ranges[b].upperBound { a += 1 } else { b += 1 }
        }
        return ServiceSet(ranges: common)
    }

    /// The services of this set that the other one does not hold.
    public func subtracting(_ other: ServiceSet) -> ServiceSet { intersection(other.complement) }

    private var complement: ServiceSet {
        var rest: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if next < range.lowerBound { rest.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.last { rest.append(next...Self.last) }
        return ServiceSet(ranges: rest)
    }

    /// The set as services that people know, in the order of their protocol numbers. `any` stands for all, and more protocols than a list can
    /// show become what the set leaves out; see `isMostly`.
    public var services: [TransportService] {
        guard !isAll else { return [.any] }
        var found: [TransportService] = []
        for number in UInt8.min...UInt8.max {
            let base = UInt32(number) << 16
            let inside = ranges.filter { $0.upperBound >= base && $0.lowerBound <= base + 0xFFFF }
            guard !inside.isEmpty else { continue }
            let ports = inside.map { UInt16(max($0.lowerBound, base) - base)...UInt16(min($0.upperBound, base + 0xFFFF) - base) }
            let isWhole = ports == [0...UInt16.max]
            switch number {
            case 6: found.append(Self.service(.tcp, isWhole ? [] : ports))
            case 17: found.append(Self.service(.udp, isWhole ? [] : ports))
            case 1: found.append(Self.service(.icmp, []))
            // A rule for ICMP holds both families.
            case 58: if !found.contains(Self.service(.icmp, [])) { found.append(Self.service(.icmp, [])) }
            default: found.append(Self.service(.number(number), []))
            }
        }
        return found
    }

    private static func service(_ transport: TransportService.Transport, _ ports: [ClosedRange<UInt16>]) -> TransportService {
        TransportService(transport, ports: Array(ports.prefix(TransportService.portLimit))) ?? .any
    }

    /// True if the set holds most protocols, so that what it leaves out is the shorter list.
    public var isMostly: Bool { holds(number: 254, port: 0) && holds(number: 253, port: 0) }

    /// What the set leaves out.
    public var missing: ServiceSet { complement }
}

extension ServiceSet: CustomStringConvertible {
    /// Such as `tcp 22, udp 53`, `all but icmp`, `all` or `none`.
    public var description: String {
        if isAll { return "all" }
        if isEmpty { return "none" }
        let list = (isMostly ? missing : self).services.map(\.description).joined(separator: "; ")
        return isMostly ? "all but \(list)" : list
    }
}
