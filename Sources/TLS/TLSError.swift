// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Why a certificate and its key cannot be used.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    case noCertificate
    case noKey
    /// The key is protected by a passphrase, and the server has nobody to enter it.
    case keyIsEncrypted
    case keyOfAnotherCertificate
    /// The reason from libssl why it rejects a readable certificate or key, for example because the key is too short.
    case refused(String)

    /// The problem and the solution, to be printed after the file's name.
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
