// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// What an authenticator says and signs (WebAuthn level 2, 6.1):
/// `hash of the relying party's id 32 | flags 1 | counter 4 | attested credential …, with a new one | extensions …`.
public struct AuthenticatorData {
    /// SHA-256 of the host name that it acted for.
    public let relyingPartyHash: [UInt8]
    /// Somebody touched it.
    public let isUserPresent: Bool
    /// It knows who: by a PIN, a finger, a face.
    public let isUserVerified: Bool
    /// Its count of signatures, 0 where it keeps none.
    public let counter: UInt32
    /// The passkey that it made; nil in a signature.
    public let credential: Credential?

    /// A passkey that was just made.
    public struct Credential {
        /// What the authenticator calls it.
        public let id: [UInt8]
        /// What its signatures are checked with.
        public let key: SignatureKey
    }

    /// WebAuthn level 2, 4: a credential id has at most as many bytes.
    static let maximumIDByteCount = 1023

    /// Nil for anything that is not exactly such data.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 37 else { return nil }
        relyingPartyHash = Array(bytes[..<32])
        let flags = bytes[32]
        isUserPresent = flags & 0x01 != 0
        isUserVerified = flags & 0x04 != 0
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = bytes[37...]
        if flags & 0x40 != 0 {
            // The model of the authenticator, 16 bytes, is not looked at: any may be used.
            guard rest.count >= 18 else { return nil }
            let length = Int(rest[rest.startIndex + 16]) << 8 | Int(rest[rest.startIndex + 17])
            rest = rest.dropFirst(18)
            guard (1...Self.maximumIDByteCount).contains(length), rest.count >= length else { return nil }
            let id = Array(rest.prefix(length))
            guard let (item, after) = CBOR.first(of: rest.dropFirst(length)), let key = SignatureKey(cose: item) else { return nil }
            credential = Credential(id: id, key: key)
            rest = after
        } else {
            credential = nil
        }
        if flags & 0x80 != 0 {
            guard let (extensions, after) = CBOR.first(of: rest), case .map = extensions else { return nil }
            rest = after
        }
        guard rest.isEmpty else { return nil }
    }
}

extension SignatureKey {
    /// A key as authenticators write it (RFC 9053 7.1, 7.2): EC2 on P-256 for ES256, OKP on Ed25519 for EdDSA. Nil for any other.
    init?(cose item: CBOR) {
        guard let algorithm = item[.integer(3)]?.integer.flatMap(Algorithm.init(rawValue:)) else { return nil }
        let (type, curve) = (item[.integer(1)]?.integer, item[.integer(-1)]?.integer)
        guard let x = item[.integer(-2)]?.bytes, x.count == 32 else { return nil }
        switch algorithm {
        case .es256:
            guard type == 2, curve == 1, let y = item[.integer(-3)]?.bytes, y.count == 32 else { return nil }
            self.init(.es256, x + y)
        case .edDSA:
            guard type == 1, curve == 6 else { return nil }
            self.init(.edDSA, x)
        }
    }
}
