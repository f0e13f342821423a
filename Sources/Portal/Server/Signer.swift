// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// Makes and checks tokens that only this hub can make. The secret is derived from the hub's private key, so tokens survive a restart and no other
/// secret is stored.
struct Signer: Sendable {
    private let key: [UInt8]

    init(hubKey: PrivateKey) { key = Digest.sha256(Array("hairpin portal tokens v1".utf8) + Array(hubKey.bytes)) }

    /// The purpose of a token. A token is valid for one purpose only.
    enum Purpose: String {
        case preSession = "pre-session"
        case browser
        case challenge
    }

    /// 64 hexadecimal digits. The hash runs twice, as in HMAC, so that nobody can extend a signed text and compute its signature.
    func sign(_ text: String, for purpose: Purpose) -> String {
        let inner = Digest.sha256(key + Array("\(purpose.rawValue)\n\(text)".utf8))
        return Hex.encode(Digest.sha256(key + inner))
    }

    func isValid(_ signature: String, of text: String, for purpose: Purpose) -> Bool {
        constantTimeEqual(Array(signature.utf8), Array(sign(text, for: purpose).utf8))
    }
}

/// The random value in forms that need no sign-in. It grants no access; it only ties a form to the browser that got it.
enum PreSession {
    static func make() -> String { Hex.encode(SecureRandom.bytes(32)) }
}
