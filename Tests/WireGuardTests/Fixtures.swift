// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import WireGuard

extension Instant {
    /// This long after the start of the test.
    static func at(_ time: Duration) -> Instant { Instant(nanoseconds: 0) + time }
}

extension Timestamp {
    /// This long after the start of 1970.
    static func at(_ time: Duration) -> Timestamp { Timestamp(unixNanoseconds: UInt64(time.nanoseconds)) }
}

/// One side of a pair: its identity, and what it knows about the other side.
final class Side {
    let identity: Identity
    var other: PeerHandshake

    init(privateKey: PrivateKey, other: PublicKey, presharedKey: PresharedKey? = nil) {
        identity = Identity(privateKey: privateKey)
        self.other = PeerHandshake(publicKey: other, presharedKey: presharedKey)
    }

    /// An initiation of this side; nil if none may be sent.
    func initiation(
        at time: Duration = .seconds(1), index: UInt32 = 7, ephemeral: PrivateKey = .generate(), timestamp: Timestamp? = nil
    ) -> [UInt8]? {
        var message = [UInt8](repeating: 0, count: 148)
        let isWritten = message.withUnsafeMutableBytes {
            other.createInitiation(
                identity: identity, localIndex: index, ephemeral: ephemeral, timestamp: timestamp ?? .at(time), now: .at(time),
                to: $0.baseAddress!)
        }
        return isWritten ? message : nil
    }

    /// The response of this side, or why there is none.
    func response(
        to initiation: [UInt8], at time: Duration = .seconds(1), index: UInt32 = 9, ephemeral: PrivateKey = .generate()
    ) throws -> (message: [UInt8], keys: NewKeypair) {
        let accepted = try accept(initiation, at: time)
        var message = [UInt8](repeating: 0, count: 92)
        let keys = message.withUnsafeMutableBytes {
            other.createResponse(to: accepted, localIndex: index, ephemeral: ephemeral, now: .at(time), to: $0.baseAddress!)
        }
        guard let keys else { throw DropReason.zeroSharedSecret }
        return (message, keys)
    }

    /// Opens an initiation and checks its sender.
    func accept(_ initiation: [UInt8], at time: Duration = .seconds(1)) throws -> AcceptedInitiation {
        try initiation.withUnsafeBytes { bytes in
            try other.accept(
                try identity.open(initiation: bytes.baseAddress!), initiation: bytes.baseAddress!, identity: identity, now: .at(time))
        }
    }

    /// Processes the other side's response.
    func take(response: [UInt8], at time: Duration = .seconds(1)) throws -> NewKeypair {
        try response.withUnsafeBytes { bytes in
            try other.consume(response: bytes.baseAddress!, identity: identity, now: .at(time))
        }
    }

    /// Processes the other side's cookie reply.
    func take(cookieReply: [UInt8], at time: Duration = .seconds(1)) throws {
        try cookieReply.withUnsafeBytes { bytes in
            try other.consume(cookieReply: bytes.baseAddress!, now: .at(time))
        }
    }
}

/// A device and a hub that know each other.
struct Pair {
    let device: Side
    let hub: Side

    init(device deviceKey: PrivateKey = .generate(), hub hubKey: PrivateKey = .generate(), presharedKey: PresharedKey? = nil) {
        device = Side(privateKey: deviceKey, other: hubKey.publicKey, presharedKey: presharedKey)
        hub = Side(privateKey: hubKey, other: deviceKey.publicKey, presharedKey: presharedKey)
    }
}

/// Whether two keypairs are the two ends of one session.
func agree(_ a: NewKeypair, _ b: NewKeypair) -> Bool {
    Array(a.send) == Array(b.receive) && Array(a.receive) == Array(b.send) && a.localIndex == b.remoteIndex && a.remoteIndex == b.localIndex
        && a.isInitiator != b.isInitiator
}

/// The seven points of low order of the kernel's netns.sh (WG-N-9), in hex.
let lowOrderPoints = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
