// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The four message types and the layout of their fields (whitepaper 5.4; Documentation/protocol.md section 1).
/// Each message begins with its type and three zero bytes: a little-endian 32-bit number from 1 to 4 (WG-F-1).
public enum MessageType: UInt32, Sendable {
    case initiation = 1
    case response = 2
    case cookieReply = 3
    case transport = 4

    /// The type of a message of `byteCount` bytes. Throws `.shortOrUnknownType` or `.badLength`; checks nothing else (WG-F-1 to WG-F-6).
    @inlinable public static func read(_ bytes: UnsafeRawPointer, byteCount: Int) throws(DropReason) -> MessageType {
        guard byteCount >= 4, let type = MessageType(rawValue: bytes.uint32LE(at: 0)) else { throw .shortOrUnknownType }
        switch type {
        case .transport: guard byteCount >= Transport.overhead else { throw .badLength }
        case .initiation: guard byteCount == Initiation.byteCount else { throw .badLength }
        case .response: guard byteCount == Response.byteCount else { throw .badLength }
        case .cookieReply: guard byteCount == CookieReply.byteCount else { throw .badLength }
        }
        return type
    }
}

/// ```
/// 0 type | 4 sender | 8 ephemeral 32 | 40 static 32+16 | 88 timestamp 12+16 | 116 mac1 16 | 132 mac2 16 | 148
/// ```
public enum Initiation {
    public static let byteCount = 148
    public static let sender = 4
    static let ephemeral = 8
    static let sealedStatic = 40
    static let sealedTimestamp = 88
    public static let mac1 = 116
}

/// ```
/// 0 type | 4 sender | 8 receiver | 12 ephemeral 32 | 44 nothing 0+16 | 60 mac1 16 | 76 mac2 16 | 92
/// ```
public enum Response {
    public static let byteCount = 92
    public static let sender = 4
    public static let receiver = 8
    static let ephemeral = 12
    static let sealedNothing = 44
    public static let mac1 = 60
}

/// ```
/// 0 type | 4 receiver | 8 nonce 24 | 32 cookie 16+16 | 64
/// ```
public enum CookieReply {
    public static let byteCount = 64
    public static let receiver = 4
    static let nonce = 8
    static let sealedCookie = 32
}

/// ```
/// 0 type | 4 receiver | 8 counter 8 | 16 ciphertext n | 16+n tag 16
/// ```
public enum Transport {
    /// The length of header and tag, which is also the length of a keepalive.
    public static let overhead = 32
    public static let receiver = 4
    public static let counter = 8
    public static let ciphertext = 16

    /// Writes the header of a transport message to `receiver`.
    @inlinable public static func writeHeader(receiver: UInt32, counter: UInt64, to bytes: UnsafeMutableRawPointer) {
        bytes.storeLE(MessageType.transport.rawValue, at: 0)
        bytes.storeLE(receiver, at: Self.receiver)
        bytes.storeLE(counter, at: Self.counter)
    }

    /// The length of a plaintext of `byteCount` bytes with padding: the next multiple of 16, but at most `mtu` (WG-D-1). An `mtu` of 0
    /// means no limit.
    @inlinable public static func paddedByteCount(_ byteCount: Int, mtu: Int) -> Int {
        let aligned = { (count: Int) in (count + Constants.paddingMultiple - 1) & ~(Constants.paddingMultiple - 1) }
        guard mtu > 0 else { return aligned(byteCount) }
        let last = byteCount > mtu ? byteCount % mtu : byteCount
        return byteCount - last + min(mtu, aligned(last))
    }
}
