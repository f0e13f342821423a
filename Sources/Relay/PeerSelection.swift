// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The peers that a status includes, so that frequent callers pay only for active peers.
public enum PeerSelection: Sendable, Equatable {
    case all
    /// The peers with these keys; unknown keys are ignored.
    case keys(Set<PublicKey>)
    /// The peers whose key begins with one of these bytes. Keys are random, so this is a random part of all peers.
    case keysBeginning(with: ClosedRange<UInt8>)
    /// The peers that sent or received an authenticated packet at or after this instant, accurate to a few milliseconds.
    case active(since: Instant)
}
