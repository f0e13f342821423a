// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A test of one direction of a link: an echo request into the tunnel of `peer` with `source` as its source address. An answer proves that
/// the peer's configuration allows `source` and that the machine answers. The answer is not forwarded to the owner of `source`.
public struct Probe: Equatable, Sendable {
    public var peer: PublicKey
    /// The source that the peer should allow: another device's address, or the hub's own.
    public var source: IPAddress
    /// An address of the peer, of the same family as `source`.
    public var destination: IPAddress
    /// The size in bytes of the largest packet that must pass. If it is not answered, the probe searches the largest one that is. Nil sends
    /// one small packet only.
    public var byteCount: Int?

    public init(peer: PublicKey, source: IPAddress, destination: IPAddress, byteCount: Int? = nil) {
        self.peer = peer
        self.source = source
        self.destination = destination
        self.byteCount = byteCount
    }

    /// The largest `byteCount`: an Ethernet frame's.
    public static let largestByteCount = 1500

    /// How many probes may start per second, over all peers.
    public static let limit = 4
    /// How long to wait for a keypair when there is none.
    static let keypairPatience: Duration = .seconds(2)
    /// The maximum duration of a probe, including the wait for a keypair.
    public static let patience: Duration = .seconds(3)
    /// How long after its start a late answer is still recognised and not forwarded.
    static let memory: Duration = .seconds(10)
}
