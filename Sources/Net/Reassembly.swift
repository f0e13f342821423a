// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Puts fragments together again (RFC 791 3.2, RFC 8200 4.5). Bounded: a few packets at a time, fewer per sender, each for a limited time.
/// Fragments that overlap end their packet (RFC 5722), exact copies are ignored. An IPv6 packet with a fragment header that is whole is
/// taken for itself, whatever waits under its number (RFC 6946).
public struct Reassembly: Sendable {
    /// The maximum number of packets that wait for fragments: at most 1 MiB.
    public static let limit = 16
    public static let limitPerSender = 4
    /// How long a packet waits for its fragments, as in Linux.
    public static let patience: Duration = .seconds(30)

    /// A packet that is whole again.
    public struct Whole: Equatable, Sendable {
        public var bytes: [UInt8]
        /// The length of its longest fragment with all headers: at least that much fits the path.
        public var largestFragment: Int
    }

    /// What became of a fragment.
    public enum Outcome: Equatable, Sendable {
        case waiting
        case whole(Whole)
        /// This many fragments were dropped, the new one included.
        case dropped(Int)
    }

    private struct Key: Hashable, Sendable {
        var sender: UInt32
        var source: IPAddress
        var destination: IPAddress
        var identification: UInt32
        var number: UInt8
    }

    fileprivate struct Partial: Sendable {
        var began: Instant
        var header: [UInt8] = []
        var payload: [UInt8] = []
        /// The parts of the payload that are there, in order.
        var parts: [Range<Int>] = []
        var byteCount: Int?
        var largestFragment = 0

        var isWhole: Bool { !header.isEmpty && byteCount != nil && parts == [0..<byteCount!] }
        var fragments = 0
    }

    private var partials: [Key: Partial] = [:]
    /// What the last `add` dropped of another sender to make room.
    public private(set) var evicted: (sender: UInt32, fragments: Int)?

    public init() {}

    /// When `expire` should run next; nil while nothing waits.
    public var deadline: Instant? { partials.values.map(\.began).min().map { $0 + Self.patience } }

    /// The number of packets that wait for fragments.
    public var count: Int { partials.count }

    /// Adds a fragment of a sender.
    public mutating func add(_ packet: IPPacket, from sender: UInt32, now: Instant) -> Outcome {
        evicted = nil
        guard let fragment = packet.fragment else { return .dropped(1) }
        let payload = packet.byteCount - fragment.headerByteCount
        let end = fragment.offset + payload
        guard payload > 0 || !fragment.hasMore, !fragment.hasMore || payload % 8 == 0, end + fragment.headerByteCount <= 65_535 else {
            return .dropped(1)
        }
        if fragment.offset == 0, !fragment.hasMore {
            var alone = Partial(began: now)
            guard alone.take(fragment, of: packet, 0..<end) else { return .dropped(1) }
            return .whole(Whole(bytes: alone.whole(isV4: packet.isV4), largestFragment: alone.largestFragment))
        }
        let key = Key(
            sender: sender, source: packet.source, destination: packet.destination, identification: fragment.identification,
            number: packet.isV4 ? fragment.number : 0)
        let own = makeRoom(for: key)
        var partial = partials[key] ?? Partial(began: now)
        partial.fragments += 1
        guard partial.take(fragment, of: packet, fragment.offset..<end) else {
            partials[key] = nil
            return .dropped(own + partial.fragments)
        }
        guard partial.isWhole else {
            partials[key] = partial
            return own == 0 ? .waiting : .dropped(own)
        }
        partials[key] = nil
        return .whole(Whole(bytes: partial.whole(isV4: packet.isV4), largestFragment: partial.largestFragment))
    }

    /// Drops packets that waited too long. Returns the fragments dropped, by sender.
    public mutating func expire(now: Instant) -> [(sender: UInt32, fragments: Int)] {
        let late = partials.filter { now - $0.value.began >= Self.patience }
        for key in late.keys { partials[key] = nil }
        return late.map { ($0.key.sender, $0.value.fragments) }
    }

    /// Drops everything of a sender. Returns the number of fragments.
    public mutating func forget(_ sender: UInt32) -> Int {
        let gone = partials.filter { $0.key.sender == sender }
        for key in gone.keys { partials[key] = nil }
        return gone.values.reduce(0) { $0 + $1.fragments }
    }

    /// Drops the oldest packet of the sender, or of all, if there are too many. Returns the number of the sender's fragments; those of another
    /// are `evicted`.
    private mutating func makeRoom(for key: Key) -> Int {
        guard partials[key] == nil else { return 0 }
        let own = partials.filter { $0.key.sender == key.sender }
        let crowd = own.count >= Self.limitPerSender ? own : partials.count >= Self.limit ? partials : [:]
        guard let oldest = crowd.min(by: { $0.value.began < $1.value.began }) else { return 0 }
        partials[oldest.key] = nil
        guard oldest.key.sender != key.sender else { return oldest.value.fragments }
        evicted = (oldest.key.sender, oldest.value.fragments)
        return 0
    }
}

extension Reassembly.Partial {
    /// False when the fragment contradicts others.
    fileprivate mutating func take(_ fragment: IPFragment, of packet: IPPacket, _ range: Range<Int>) -> Bool {
        if parts.contains(where: { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }), !range.isEmpty {
            // A copy of what is there already.
            let new = UnsafeRawBufferPointer(start: packet.base + fragment.headerByteCount, count: range.count)
            return payload[range].elementsEqual(new) && (fragment.hasMore || byteCount == range.upperBound)
        }
        guard !parts.contains(where: { $0.overlaps(range) }) else { return false }
        if !fragment.hasMore {
            guard byteCount == nil || byteCount == range.upperBound else { return false }
            byteCount = range.upperBound
        }
        if let byteCount, max(range.upperBound, parts.last?.upperBound ?? 0) > byteCount { return false }
        if payload.count < range.upperBound { payload += [UInt8](repeating: 0, count: range.upperBound - payload.count) }
        payload.replaceSubrange(range, with: UnsafeRawBufferPointer(start: packet.base + fragment.headerByteCount, count: range.count))
        if fragment.offset == 0 { header = packet.headerOfWhole(fragment) }
        largestFragment = max(largestFragment, packet.byteCount)
        insert(range)
        return true
    }

    private mutating func insert(_ range: Range<Int>) {
        parts.append(range)
        parts.sort { $0.lowerBound < $1.lowerBound }
        parts = parts.reduce(into: []) { merged, part in
            if let last = merged.last, last.upperBound == part.lowerBound {
                merged[merged.count - 1] = last.lowerBound..<part.upperBound
            } else {
                merged.append(part)
            }
        }
    }

    /// Headers and payload, with the lengths and the checksum that belong to the whole packet.
    fileprivate func whole(isV4: Bool) -> [UInt8] {
        var bytes = header + payload
        let headerByteCount = header.count
        bytes.withUnsafeMutableBytes { buffer in
            let base = buffer.baseAddress!
            guard isV4 else { return base.storeBE(UInt16(truncatingIfNeeded: buffer.count - 40), at: 4) }
            base.storeBE(UInt16(truncatingIfNeeded: buffer.count), at: 2)
            base.storeBE(0 as UInt16, at: 6)
            base.storeBE(0 as UInt16, at: 10)
            base.storeBE(Checksum.finish(Checksum.sum(base, byteCount: headerByteCount)), at: 10)
        }
        return bytes
    }
}

extension IPPacket {
    /// The headers of the whole packet, from its first fragment: in IPv6 without the fragment header.
    fileprivate func headerOfWhole(_ fragment: IPFragment) -> [UInt8] {
        let all = [UInt8](UnsafeRawBufferPointer(start: base, count: fragment.headerByteCount))
        guard !isV4 else { return all }
        var header = Array(all.dropLast(8))
        header[fragment.namedAt] = fragment.number
        return header
    }
}
