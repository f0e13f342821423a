// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// Which peers a status tells of, so that who looks often pays for what moves and not for what is configured.
public enum PeerSelection: Sendable, Equatable {
    case all
    /// Those with these keys, as far as there are such peers.
    case keys(Set<PublicKey>)
    /// Those that sent or were sent an authenticated packet at this moment or later, give or take the few milliseconds that workers round by.
    case active(since: Instant)
}
