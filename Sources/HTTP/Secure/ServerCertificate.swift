// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization
import TLS

/// Why HTTPS cannot use a certificate or its key.
public struct CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line that names the file, says what is wrong with it, and what to do.
    public let description: String
}

/// The certificate of a server and its key, as two files that may be read anew while the server runs.
/// Thread rule: any thread.
public final class ServerCertificate: Sendable {
    private let certificatePath: String
    private let keyPath: String
    private let current: Mutex<TLSContext>

    /// Reads both files, in PEM form. Links are followed, as tools that renew certificates keep them behind links. Throws for a file
    /// that cannot be read, that holds something else, or a key that everybody may read or that is not the certificate's.
    public init(certificateFile: String, keyFile: String) throws(CertificateError) {
        certificatePath = certificateFile
        keyPath = keyFile
        current = Mutex(try Self.load(certificateFile, keyFile))
    }

    /// Reads the files anew for connections to come; those that are open keep what they began with. After a throw the old ones stay.
    public func reload() throws(CertificateError) {
        let new = try Self.load(certificatePath, keyPath)
        current.withLock { $0 = new }
    }

    /// When the certificate ends, in seconds since 1970.
    public var expiry: Int64 { context.expiry }

    var context: TLSContext { current.withLock { $0 } }

    private static func load(_ certificatePath: String, _ keyPath: String) throws(CertificateError) -> TLSContext {
        let certificate: [UInt8], key: [UInt8]
        do throws(FileError) {
            certificate = try Files.readForeign(certificatePath)
            key = try Files.readForeign(keyPath, isSecret: true)
        } catch {
            throw CertificateError(description: error.description)
        }
        do throws(TLSError) {
            return try TLSContext(certificate: certificate, key: key)
        } catch {
            switch error {
            case .noCertificate, .refused: throw CertificateError(description: "\(certificatePath) \(error)")
            case .noKey, .keyIsEncrypted, .keyOfAnotherCertificate: throw CertificateError(description: "\(keyPath) \(error)")
            }
        }
    }
}
