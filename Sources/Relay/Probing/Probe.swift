// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A test of one half of a link: an echo request into the tunnel of `peer` that seems to come from `source`. The answer proves that the peer's
/// own file lets `source` in and that the machine answers; it is kept from whoever owns `source`.
public struct Probe: Equatable, Sendable {
    public var peer: PublicKey
    /// Whom the peer should let in: another device's address, or the hub's own.
    public var source: IPAddress
    /// An address of the peer, of the same family.
    public var destination: IPAddress

    public init(peer: PublicKey, source: IPAddress, destination: IPAddress) {
        self.peer = peer
        self.source = source
        self.destination = destination
    }

    /// Probes that may begin within any one second, over all peers.
    public static let limit = 4
    /// How long a keypair may take to come about, where there is none.
    static let keypairPatience: Duration = .seconds(2)
    /// How long a probe takes at most, the time for the keypair included.
    public static let patience: Duration = .seconds(3)
    /// How long after that a late answer is still known and kept back.
    static let memory: Duration = .seconds(10)
}
