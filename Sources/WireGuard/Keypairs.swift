// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The three places of a peer's keypairs and how they move (WG-S-3 to WG-S-6): `current` is sent with, `previous` still opens late
/// packets, `next` waits for the first packet under it.
///
/// A value without keys: `Name` is whatever names a keypair, such as its place in the engine's memory. Each step gives the names of those that
/// end with it, in the order in which they must go; whoever holds their keys wipes them.
public struct Keypairs<Name: Sendable>: Sendable {
    public private(set) var current: Name?
    public private(set) var previous: Name?
    public private(set) var next: Name?

    public init() {}

    /// All there are, the one that is sent with first.
    public var all: [Name] { [current, previous, next].compactMap { $0 } }

    /// We answered an initiation: the new keypair must not be sent with before its first packet came, so it waits as next. What is sent with
    /// stays the same (WG-S-4).
    public mutating func addAsResponder(_ new: Name) -> [Name] {
        let ended = [next, previous].compactMap { $0 }
        previous = nil
        next = new
        return ended
    }

    /// Our initiation was answered: the new keypair is sent with at once. One that waited becomes previous, for the peer may be sending with it;
    /// else the one that was current does (WG-S-3).
    public mutating func addAsInitiator(_ new: Name) -> [Name] {
        let ended = (next == nil ? [previous] : [previous, current]).compactMap { $0 }
        previous = next ?? current
        next = nil
        current = new
        return ended
    }

    /// The first packet under the next keypair came: it is sent with from now on (WG-S-5). Nothing moves where none waits.
    public mutating func confirmNext() -> [Name] {
        guard let confirmed = next else { return [] }
        let ended = [previous].compactMap { $0 }
        previous = current
        current = confirmed
        next = nil
        return ended
    }

    /// All end, as when a peer goes, is disabled or has had no new keypair for nine minutes (WG-L-2, WG-I-4).
    public mutating func removeAll() -> [Name] {
        defer { self = Keypairs() }
        return all
    }
}
