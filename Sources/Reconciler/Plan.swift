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
        // By position: a dictionary of configurations would be a copy of all of them.
        var positions = [PublicKey: Int](minimumCapacity: actual.count)
        for (position, peer) in actual.enumerated() { positions[peer.publicKey] = position }
        var isWanted = [Bool](repeating: false, count: actual.count)
        var changes: [PeerChange] = []
        for peer in desired {
            guard let position = positions[peer.publicKey] else {
                changes.append(.add(peer, memory(peer.publicKey)))
                continue
            }
            isWanted[position] = true
            if actual[position] != peer { changes.append(.update(peer)) }
        }
        return actual.indices.filter { !isWanted[$0] }.map { .remove(actual[$0].publicKey) } + changes
    }
}
