// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// A name in a zone: one label, and the address of each family that it stands for.
public struct ZoneName: Hashable, Sendable {
    public var label: String
    public var ipv4: IPv4Address?
    public var ipv6: IPv6Address?

    public init(label: String, addresses: [IPAddress]) {
        self.label = label
        for address in addresses {
            switch address {
            case .v4(let address): ipv4 = ipv4 ?? address
            case .v6(let address): ipv6 = ipv6 ?? address
            }
        }
    }
}

/// All names under one domain, as a packet loop reads them: flat tables that never change. Who may know a name is not decided here; see
/// `answer`.
public struct Zone: Sendable {
    /// The label of the hub itself.
    public static let hubLabel = "hub"

    /// One name. Addresses that are missing are zero, and their bit in `families` too.
    struct Entry: Sendable {
        var labelStart: UInt32
        var labelByteCount: UInt8
        /// 1 for IPv4, 2 for IPv6.
        var families: UInt8
        var ipv4: UInt32
        var ipv6: (high: UInt64, low: UInt64)
    }

    /// The domain as in messages.
    let domain: [UInt8]
    /// The domain as people write it.
    let domainText: [UInt8]
    /// Grows with each change of the content (RFC 1035 3.3.13).
    let serial: UInt32
    /// Whether other names are passed on to resolvers.
    public let isForwarding: Bool
    /// The bytes of all labels, one after the other.
    let labels: [UInt8]
    let entries: [Entry]
    /// Hash tables with linear probing: a place in `entries` plus 1, or 0.
    private let byLabel: [UInt32]
    private let byAddress: [UInt32]

    /// Of several names with one label, or one address, the first one counts. Labels must be in lower case.
    public init(domain: DomainName, names: [ZoneName], serial: Int64, isForwarding: Bool = false) {
        self.domain = domain.wire
        domainText = Array(domain.description.utf8)
        self.serial = UInt32(truncatingIfNeeded: serial)
        self.isForwarding = isForwarding
        var (labels, entries): ([UInt8], [Entry]) = ([], [])
        entries.reserveCapacity(names.count)
        let size = Self.tableSize(for: names.count)
        var byLabel = [UInt32](repeating: 0, count: size)
        // Up to two addresses for each name.
        var byAddress = [UInt32](repeating: 0, count: size * 2)
        for name in names {
            let start = labels.count
            labels += name.label.utf8
            let entry = Entry(
                labelStart: UInt32(start), labelByteCount: UInt8(labels.count - start),
                families: (name.ipv4 == nil ? 0 : 1) | (name.ipv6 == nil ? 0 : 2), ipv4: name.ipv4?.bits ?? 0,
                ipv6: (name.ipv6?.high ?? 0, name.ipv6?.low ?? 0))
            let isNew = labels.withUnsafeBytes { bytes in
                let label = UnsafeRawBufferPointer(rebasing: bytes[start...])
                return Self.insert(UInt32(entries.count), Self.hash(label), into: &byLabel) { place in
                    let other = entries[Int(place)]
                    return Self.equal(label, bytes.baseAddress! + Int(other.labelStart), Int(other.labelByteCount))
                }
            }
            guard isNew else {
                labels.removeLast(labels.count - start)
                continue
            }
            entries.append(entry)
            for address in [name.ipv4.map(IPAddress.v4), name.ipv6.map(IPAddress.v6)].compactMap({ $0 }) {
                _ = Self.insert(UInt32(entries.count - 1), Self.hash(address), into: &byAddress) { Self.has(entries[Int($0)], address) }
            }
        }
        (self.labels, self.entries, self.byLabel, self.byAddress) = (labels, entries, byLabel, byAddress)
    }

    /// The number of names.
    public var count: Int { entries.count }

    /// A power of two, so that at most half of the places are taken.
    private static func tableSize(for count: Int) -> Int {
        var size = 16
        while size < count * 2 { size *= 2 }
        return size
    }

    /// False, and changes nothing, if an equal entry is there.
    private static func insert(_ place: UInt32, _ hash: UInt64, into table: inout [UInt32], isEqual: (UInt32) -> Bool) -> Bool {
        var index = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[index] != 0 {
            if isEqual(table[index] - 1) { return false }
            index = (index + 1) & (table.count - 1)
        }
        table[index] = place + 1
        return true
    }

    /// The place of the name with this label, in any case.
    func place(of label: UnsafeRawBufferPointer) -> Int? {
        var index = Int(truncatingIfNeeded: Self.hash(label)) & (byLabel.count - 1)
        while byLabel[index] != 0 {
            let entry = entries[Int(byLabel[index] - 1)]
            let isFound = labels.withUnsafeBytes { Self.equal(label, $0.baseAddress! + Int(entry.labelStart), Int(entry.labelByteCount)) }
            if isFound { return Int(byLabel[index] - 1) }
            index = (index + 1) & (byLabel.count - 1)
        }
        return nil
    }

    /// The place of the first name with this address.
    func place(of address: IPAddress) -> Int? {
        var index = Int(truncatingIfNeeded: Self.hash(address)) & (byAddress.count - 1)
        while byAddress[index] != 0 {
            if Self.has(entries[Int(byAddress[index] - 1)], address) { return Int(byAddress[index] - 1) }
            index = (index + 1) & (byAddress.count - 1)
        }
        return nil
    }

    /// Calls `body` with the bytes of a name's label.
    func withLabel<R>(at place: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let entry = entries[place]
        let range = Int(entry.labelStart)..<Int(entry.labelStart) + Int(entry.labelByteCount)
        return labels.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private static func has(_ entry: Entry, _ address: IPAddress) -> Bool {
        switch address {
        case .v4(let address): entry.families & 1 != 0 && entry.ipv4 == address.bits
        case .v6(let address): entry.families & 2 != 0 && entry.ipv6.high == address.high && entry.ipv6.low == address.low
        }
    }

    /// Whether two labels are equal. `label` may have upper case.
    static func equal(_ label: UnsafeRawBufferPointer, _ other: UnsafeRawPointer, _ otherByteCount: Int) -> Bool {
        guard label.count == otherByteCount else { return false }
        var offset = 0
        while offset < otherByteCount {
            guard label[offset].lowercased == other.uint8(at: offset) else { return false }
            offset += 1
        }
        return true
    }

    /// FNV-1a. The admins choose the names, so nobody else can make them collide.
    private static func hash(_ label: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in label { hash = (hash ^ UInt64(byte.lowercased)) &* 0x0000_0100_0000_01B3 }
        return hash ^ hash >> 32
    }

    private static func hash(_ address: IPAddress) -> UInt64 {
        let bits: UInt64 =
            switch address {
            case .v4(let address): UInt64(address.bits)
            case .v6(let address): address.high &* 31 ^ address.low
            }
        let mixed = bits &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ mixed >> 32
    }
}
