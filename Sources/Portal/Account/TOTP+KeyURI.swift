// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

extension TOTP {
    /// What apps read from a QR code (Key Uri Format of the authenticator apps). `issuer` and `account` are names for people.
    func keyURI(issuer: String, account: String) -> String {
        let link = Link("otpauth://totp/\(Link.encoded(issuer)):\(Link.encoded(account))").with("secret", revealBase32()).with("issuer", issuer)
        return link.with("algorithm", "SHA1").with("digits", "6").with("period", "\(Self.period)").text
    }
}
