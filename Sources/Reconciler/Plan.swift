// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Relay

/// The changes that turn the engine's state into the desired state. A pure function; the result is empty when nothing differs.
enum Plan {
    /// Removals come first, so that other peers can take over their prefixes. Peers in `restarting` are removed and added again.
    static func changes(
        from actual: [PeerConfiguration], to desired: [PeerConfiguration], restarting: Set<PublicKey> = [], memory: (PublicKey) -> PeerMemory
    ) -> [PeerChange] {
        // By position: a dictionary of configurations would copy all of them.
        var positions = [PublicKey: Int](minimumCapacity: actual.count)
        for (position, peer) in actual.enumerated() { positions[peer.publicKey] = position }
        var isWanted = [Bool](repeating: false, count: actual.count)
        var changes: [PeerChange] = []
        for peer in desired {
            guard let position = positions[peer.publicKey], !restarting.contains(peer.publicKey) else {
                changes.append(.add(peer, memory(peer.publicKey)))
                continue
            }
            isWanted[position] = true
            if actual[position] != peer { changes.append(.update(peer)) }
        }
        return actual.indices.filter { !isWanted[$0] }.map { .remove(actual[$0].publicKey) } + changes
    }
}
