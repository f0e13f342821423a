// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// Which peers a status tells of, so that who looks often pays for what moves and not for what is configured.
public enum PeerSelection: Sendable, Equatable {
    case all
    /// Those with these keys, as far as there are such peers.
    case keys(Set<PublicKey>)
    /// Those whose key begins with one of these bytes: a part of all that nobody chose, as keys are random.
    case keysBeginning(with: ClosedRange<UInt8>)
    /// Those that sent or were sent an authenticated packet at this moment or later, give or take the few milliseconds that workers round by.
    case active(since: Instant)
}
