// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// The data that an authenticator signs (WebAuthn level 2, 6.1):
/// `relying party id hash 32 | flags 1 | counter 4 | attested credential data, for a new passkey … | extensions …`.
public struct AuthenticatorData {
    /// SHA-256 of the relying party id, which is the host name.
    public let relyingPartyHash: [UInt8]
    /// True if the user touched the authenticator.
    public let isUserPresent: Bool
    /// True if the authenticator verified the user, for example by PIN, fingerprint or face.
    public let isUserVerified: Bool
    /// The authenticator's signature counter; 0 if it has none.
    public let counter: UInt32
    /// The new passkey; nil in a signature.
    public let credential: Credential?

    /// A newly created passkey.
    public struct Credential {
        /// The credential id that the authenticator chose.
        public let id: [UInt8]
        /// The public key that verifies its signatures.
        public let key: SignatureKey
    }

    /// The maximum number of bytes in a credential id (WebAuthn level 2, 4).
    static let maximumIDByteCount = 1023

    /// Parses authenticator data. Nil if `bytes` is not valid or has extra bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 37 else { return nil }
        relyingPartyHash = Array(bytes[..<32])
        let flags = bytes[32]
        isUserPresent = flags & 0x01 != 0
        isUserVerified = flags & 0x04 != 0
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = bytes[37...]
        if flags & 0x40 != 0 {
            // The 16 bytes of the authenticator's model (AAGUID) are ignored, since any model is allowed.
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
    /// Parses a COSE key (RFC 9053 7.1, 7.2): EC2 on P-256 for ES256, or OKP on Ed25519 for EdDSA. Nil for any other key.
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
