// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import WireGuard

/// The bytes of a hex string; spaces and line breaks in it are for the reader.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).map { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        return UInt8(digits[start...].prefix(2), radix: 16)!
    }
}

/// The same for a value of fixed size.
func hex<let byteCount: Int>(_ text: String) -> InlineArray<byteCount, UInt8> {
    InlineArray(exactly: hex(text) as [UInt8])!
}

extension Instant {
    /// So long after the start of the test.
    static func at(_ time: Duration) -> Instant { Instant(nanoseconds: 0) + time }
}

extension Timestamp {
    /// So long after the start of 1970.
    static func at(_ time: Duration) -> Timestamp { Timestamp(unixNanoseconds: UInt64(time.nanoseconds)) }
}

/// One side of a pair: who it is, and what it knows of the other.
final class Side {
    let identity: Identity
    var other: Peer

    init(privateKey: PrivateKey, other: PublicKey, presharedKey: PresharedKey? = nil) {
        identity = Identity(privateKey: privateKey)
        self.other = Peer(publicKey: other, presharedKey: presharedKey)
    }

    /// An initiation of this side; nil where none may be sent.
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
    ) throws -> (message: [UInt8], keys: SessionKeys) {
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

    /// Takes the other side's response.
    func take(response: [UInt8], at time: Duration = .seconds(1)) throws -> SessionKeys {
        try response.withUnsafeBytes { bytes in
            try other.consume(response: bytes.baseAddress!, identity: identity, now: .at(time))
        }
    }

    /// Takes the other side's cookie reply.
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

/// Whether two sessions are the two ends of one.
func agree(_ a: SessionKeys, _ b: SessionKeys) -> Bool {
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
