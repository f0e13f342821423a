// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The counters of a keypair that were already received, as a sliding bitmap of 8192 bits with a window of 8128 (RFC 6479;
/// Documentation/protocol.md section 7). Use it only after the tag was verified (WG-W-2). One caller at a time.
public struct ReplayWindow: Sendable, BitwiseCopyable {
    public enum Verdict: Sendable {
        case accepted, duplicate, tooOld
    }

    static let words = 128
    /// How far a counter may be behind the greatest one: all words except the one being filled.
    static let size = UInt64((words - 1) * 64)

    /// The greatest counter seen plus one.
    private var next: UInt64 = 0
    private var bitmap = InlineArray<128, UInt64>(repeating: 0)

    public init() {}

    /// Marks `counter` as received. A counter that no keypair may use is also `.tooOld`; the keypair refuses it earlier, before decryption
    /// (WG-W-3, WG-S-8).
    public mutating func accept(_ counter: UInt64) -> Verdict {
        let position = counter &+ 1
        guard counter < Constants.rejectAfterMessages, position + Self.size >= next else { return .tooOld }
        let word = counter >> 6
        if position > next {
            let newest = next == 0 ? 0 : (next &- 1) >> 6
            let cleared = min(word &- newest, UInt64(Self.words))
            var index: UInt64 = 1
            while index <= cleared {
                bitmap[Int((newest &+ index) & UInt64(Self.words - 1))] = 0
                index &+= 1
            }
            next = position
        }
        let slot = Int(word & UInt64(Self.words - 1))
        let bit = UInt64(1) &<< (counter & 63)
        guard bitmap[slot] & bit == 0 else { return .duplicate }
        bitmap[slot] |= bit
        return .accepted
    }
}
