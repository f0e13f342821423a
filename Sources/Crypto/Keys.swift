// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A Curve25519 private key. Clamped on load (WG-N-7), compared in constant time, never printed.
public struct PrivateKey: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The scalar, clamped.
    public private(set) var bytes: Bytes32

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard var key = Bytes32(exactly: bytes) else { return nil }
        key[0] &= 0xF8
        key[31] = key[31] & 0x7F | 0x40
        self.bytes = key
    }

    /// 44 characters of Base64, as in a `.conf` file.
    public init?(base64 text: some StringProtocol) {
        guard let bytes = Base64.decode(text) else { return nil }
        self.init(bytes)
    }

    /// A new key from the kernel's random source.
    public static func generate() -> PrivateKey {
        PrivateKey(SecureRandom.bytes(32))!
    }

    /// The key's public half (X25519 with the base point).
    public var publicKey: PublicKey { X25519.publicKey(of: self) }

    /// The key itself as Base64. No other property reveals it.
    public func revealBase64() -> String { Base64.encode(Array(bytes)) }

    /// Hides the key, so that logs and error messages cannot reveal it.
    public var description: String { "PrivateKey(hidden)" }
    /// Empty, so that `dump` does not reveal the key either.
    public var customMirror: Mirror { Mirror(self, children: []) }

    public static func == (a: Self, b: Self) -> Bool { constantTimeEqual(a.bytes, b.bytes) }
}

/// A Curve25519 public key, which identifies a peer.
public struct PublicKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The point's u-coordinate, little endian.
    public var bytes: Bytes32

    /// Any 32 bytes are accepted; `X25519.agree` fails for a key of low order.
    @inlinable public init(bytes: Bytes32) { self.bytes = bytes }

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let key = Bytes32(exactly: bytes) else { return nil }
        self.bytes = key
    }

    /// 44 characters of Base64, as in a `.conf` file.
    public init?(base64 text: some StringProtocol) {
        guard let bytes = Base64.decode(text) else { return nil }
        self.init(bytes)
    }

    /// 44 characters of Base64, as in a `.conf` file.
    public var base64: String { Base64.encode(Array(bytes)) }

    /// True for the few keys whose shared secret with any other key is zero (WG-N-8). No device can have one: every handshake with it
    /// fails.
    public var isOfLowOrder: Bool { X25519.agree(Self.anyPrivateKey, self) == nil }
    private static let anyPrivateKey = PrivateKey([UInt8](repeating: 1, count: 32))!

    /// The Base64 form.
    public var description: String { base64 }

    public static func == (a: Self, b: Self) -> Bool { a.words == b.words }
    /// Compares byte by byte, first to last.
    public static func < (a: Self, b: Self) -> Bool { Array(a.bytes).lexicographicallyPrecedes(Array(b.bytes)) }
    public func hash(into hasher: inout Hasher) {
        let words = words
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    private var words: (UInt64, UInt64, UInt64, UInt64) { unsafeBitCast(bytes, to: (UInt64, UInt64, UInt64, UInt64).self) }
}

/// The optional symmetric key of two peers, mixed into each handshake. Never printed.
public struct PresharedKey: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The key itself.
    public private(set) var bytes: Bytes32

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let key = Bytes32(exactly: bytes) else { return nil }
        self.bytes = key
    }

    /// 44 characters of Base64, as in a `.conf` file.
    public init?(base64 text: some StringProtocol) {
        guard let bytes = Base64.decode(text) else { return nil }
        self.init(bytes)
    }

    /// True for the key that WireGuard uses when there is none.
    public var isZero: Bool { self == PresharedKey([UInt8](repeating: 0, count: 32)) }

    /// A new key from the kernel's random source.
    public static func generate() -> PresharedKey { PresharedKey(SecureRandom.bytes(32))! }

    /// The key itself as Base64. No other property reveals it.
    public func revealBase64() -> String { Base64.encode(Array(bytes)) }

    /// Hides the key, so that logs and error messages cannot reveal it.
    public var description: String { "PresharedKey(hidden)" }
    /// Empty, so that `dump` does not reveal the key either.
    public var customMirror: Mirror { Mirror(self, children: []) }

    public static func == (a: Self, b: Self) -> Bool { constantTimeEqual(a.bytes, b.bytes) }
}
