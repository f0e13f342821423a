// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// The name of a flow: the same for its packets in both directions. `isReversed` says which direction this one has.
struct FlowName: Equatable {
    /// The smaller end's address, then the other one's, in two words each.
    var lowHigh: UInt64
    var lowLow: UInt64
    var highHigh: UInt64
    var highLow: UInt64
    /// The members of both ends: the low one's slot in the upper half.
    var members: UInt64
    /// The ports (16 bits each), the protocol (8 bits), and whether the flow is of IPv4 and one of fragments; see `FlowState`.
    var transport: UInt64
    /// True if the sender of the packet is the high end.
    var isReversed: Bool

    /// `sender` and `receiver` are slots.
    init(_ packet: FlowPacket, from sender: UInt32, to receiver: UInt32) {
        let (source, destination) = (packet.source, packet.destination)
        let (sourcePort, destinationPort) = (packet.sourcePort, packet.destinationPort)
        isReversed = source == destination ? sourcePort > destinationPort : source > destination
        let (low, high) = isReversed ? (destination, source) : (source, destination)
        (lowHigh, lowLow) = (UInt64(truncatingIfNeeded: low >> 64), UInt64(truncatingIfNeeded: low))
        (highHigh, highLow) = (UInt64(truncatingIfNeeded: high >> 64), UInt64(truncatingIfNeeded: high))
        members = isReversed ? UInt64(receiver) << 32 | UInt64(sender) : UInt64(sender) << 32 | UInt64(receiver)
        let (lowPort, highPort) = isReversed ? (destinationPort, sourcePort) : (sourcePort, destinationPort)
        transport = UInt64(lowPort) << 48 | UInt64(highPort) << 32 | UInt64(packet.number) << 24 | FlowState.mark(isV4: packet.isV4)
    }

    /// The name that the fragments of one packet share. It has one direction only.
    init(fragmentsOf packet: FlowPacket, from sender: UInt32, to receiver: UInt32) {
        (lowHigh, lowLow) = (UInt64(truncatingIfNeeded: packet.source >> 64), UInt64(truncatingIfNeeded: packet.source))
        (highHigh, highLow) = (UInt64(truncatingIfNeeded: packet.destination >> 64), UInt64(truncatingIfNeeded: packet.destination))
        members = UInt64(sender) << 32 | UInt64(receiver)
        let number = packet.isV4 ? packet.number : 0
        transport = UInt64(packet.identification) << 32 | UInt64(number) << 24 | FlowState.mark(isV4: packet.isV4) | FlowState.fragments
        isReversed = false
    }

    /// Spreads flows over the table.
    var hash: UInt64 {
        let ends = (lowLow ^ lowHigh &* 0x9E37_79B9_7F4A_7C15) &+ (highLow ^ highHigh) &* 0xD6E8_FEB8_6659_FD93
        let product = (ends ^ members).multipliedFullWidth(by: (transport >> 16) ^ 0xA24B_AED4_963E_E407)
        return product.high ^ product.low
    }
}

/// The last word of a flow's entry: its transport, as in its name, with what became of it, and the rule that allowed it.
///
/// ```
/// 63…48     47…32      31…24     23     22    21         20         18…16  15…0
/// low port  high port  protocol  taken  IPv4  fragments  initiator  stage  rule
/// ```
struct FlowState: Equatable {
    enum Stage: UInt64 {
        /// Only the initiator has sent something.
        case opening = 1
        /// Both ends have.
        case answered = 2
        /// An end of a TCP connection has finished it.
        case closing = 3
        /// An end of a TCP connection has reset it.
        case closed = 4
    }

    static let taken: UInt64 = 1 << 23
    static let v4: UInt64 = 1 << 22
    static let fragments: UInt64 = 1 << 21
    private static let initiator: UInt64 = 1 << 20
    /// The bits that a name has as well.
    static let nameMask: UInt64 = ~0 << 21

    var word: UInt64

    static func mark(isV4: Bool) -> UInt64 { taken | (isV4 ? v4 : 0) }

    init(word: UInt64) { self.word = word }

    /// `isReversed` says that the high end sent the first packet.
    init(_ name: FlowName, stage: Stage, rule: Int) {
        word = name.transport | (name.isReversed ? Self.initiator : 0) | stage.rawValue << 16 | UInt64(UInt16(truncatingIfNeeded: rule))
    }

    var isTaken: Bool { word & Self.taken != 0 }
    var isFragments: Bool { word & Self.fragments != 0 }
    var isV4: Bool { word & Self.v4 != 0 }
    var number: UInt8 { UInt8(truncatingIfNeeded: word >> 24) }
    var ports: (low: UInt16, high: UInt16) { (UInt16(truncatingIfNeeded: word >> 48), UInt16(truncatingIfNeeded: word >> 32)) }
    /// True if the high end sent the first packet.
    var isInitiatorHigh: Bool { word & Self.initiator != 0 }

    var stage: Stage {
        get { Stage(rawValue: word >> 16 & 7) ?? .closed }
        set { word = word & ~(7 << 16) | newValue.rawValue << 16 }
    }

    /// The place of the rule that allowed the flow in the list that its entry names.
    var rule: Int {
        get { Int(word & 0xFFFF) }
        set { word = word & ~0xFFFF | UInt64(UInt16(truncatingIfNeeded: newValue)) }
    }

    /// How long the flow may be idle. An answered TCP connection may be idle as RFC 5382 requires, and UDP as RFC 4787 does.
    var patience: UInt64 {
        let seconds: UInt64 =
            if isFragments {
                30
            } else {
                switch (number, stage) {
                case (6, .opening): 60
                case (6, .answered): 7440
                case (6, .closing): 240
                case (6, .closed): 10
                case (17, .opening): 30
                case (17, _): 180
                case (1, _), (58, _): 30
                default: 600
                }
            }
        return seconds * 1_000_000_000
    }

    /// What the stage is after another packet of the flow.
    func stage(after packet: FlowPacket, isAnswer: Bool) -> Stage {
        if number == 6 {
            if packet.resets { return .closed }
            if packet.finishes, stage != .closed { return .closing }
        }
        return stage == .opening && isAnswer ? .answered : stage
    }
}

/// One place of the table of flows: a cache line. Zeroed memory is a free place.
///
/// The head is a sequence number that is odd while somebody writes, and in the upper half the number of the snapshot whose rules allowed the
/// flow. Readers take no lock: they read the head before and after.
struct FlowEntry: ~Copyable {
    let head: Atomic<UInt64>
    let lowHigh: Atomic<UInt64>
    let lowLow: Atomic<UInt64>
    let highHigh: Atomic<UInt64>
    let highLow: Atomic<UInt64>
    let members: Atomic<UInt64>
    /// A `FlowState`; 0 means free.
    let state: Atomic<UInt64>
    /// When the last packet passed, in nanoseconds, to about a second.
    let seenAt: Atomic<UInt64>
}
