// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Relay

/// The steps from what the engine has to what it should have: a pure function, and empty when there is nothing to do.
enum Plan {
    /// Removals come first, so that what they owned is free for the others.
    static func changes(
        from actual: [PeerConfiguration], to desired: [PeerConfiguration], memory: (PublicKey) -> PeerMemory
    ) -> [PeerChange] {
        let present = Dictionary(actual.map { ($0.publicKey, $0) }, uniquingKeysWith: { first, _ in first })
        let wanted = Set(desired.map(\.publicKey))
        var changes: [PeerChange] = []
        for peer in actual where !wanted.contains(peer.publicKey) { changes.append(.remove(peer.publicKey)) }
        for peer in desired {
            switch present[peer.publicKey] {
            case nil: changes.append(.add(peer, memory(peer.publicKey)))
            case peer?: break
            case _?: changes.append(.update(peer))
            }
        }
        return changes
    }
}
