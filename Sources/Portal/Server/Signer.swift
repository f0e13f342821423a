// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// Makes and checks tokens that only this hub can make. The secret comes from the hub's private key, so tokens outlive a restart and no
/// further secret is kept.
struct Signer: Sendable {
    private let key: [UInt8]

    init(hubKey: PrivateKey) { key = Digest.sha256(Array("hairpin portal tokens v1".utf8) + Array(hubKey.bytes)) }

    /// What a token is for; a token of one purpose is none of another.
    enum Purpose: String {
        case preSession = "pre-session"
        case browser
        case challenge
    }

    /// 64 hexadecimal digits. Two rounds, as in HMAC, keep a longer text from continuing a shorter one.
    func sign(_ text: String, for purpose: Purpose) -> String {
        let inner = Digest.sha256(key + Array("\(purpose.rawValue)\n\(text)".utf8))
        return Hex.encode(Digest.sha256(key + inner))
    }

    func isValid(_ signature: String, of text: String, for purpose: Purpose) -> Bool {
        constantTimeEqual(Array(signature.utf8), Array(sign(text, for: purpose).utf8))
    }
}
