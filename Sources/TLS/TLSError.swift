// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Why a certificate and its key cannot be used.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    case noCertificate
    case noKey
    /// The key needs a passphrase, and nobody is there to type it.
    case keyIsEncrypted
    case keyOfAnotherCertificate
    /// What libssl says about a certificate or key that it can read and does not take, such as one that is too short.
    case refused(String)

    /// What is wrong, to follow the name of the file, and what to do.
    public var description: String {
        switch self {
        case .noCertificate: "holds no certificate in PEM form. Give the file with the certificate and its chain (fullchain.pem)."
        case .noKey: "holds no private key in PEM form."
        case .keyIsEncrypted: "is protected by a passphrase. Write it without one: openssl pkey -in FILE -out NEWFILE"
        case .keyOfAnotherCertificate: "does not belong to the certificate. Give the key that the certificate was made with."
        case .refused(let reason): "cannot be used: \(reason)."
        }
    }
}
