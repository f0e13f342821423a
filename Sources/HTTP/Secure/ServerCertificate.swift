// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization
import TLS

/// Why HTTPS cannot use a certificate or its key.
public struct CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line that names the file, the problem and the solution.
    public let description: String
}

/// A server's certificate and key from two files, which can be reloaded while the server runs. May be used from any thread.
public final class ServerCertificate: Sendable {
    private let certificatePath: String
    private let keyPath: String
    private let current: Mutex<TLSContext>

    /// Reads both files, in PEM form. Follows symbolic links, because certificate tools use them. Throws for a file that is unreadable or
    /// has the wrong content, and for a key that everybody may read or that does not match the certificate.
    public init(certificateFile: String, keyFile: String) throws(CertificateError) {
        certificatePath = certificateFile
        keyPath = keyFile
        current = Mutex(try Self.load(certificateFile, keyFile))
    }

    /// Reads the files again for new connections; open ones keep their certificate. If it throws, the old certificate stays in use.
    public func reload() throws(CertificateError) {
        let new = try Self.load(certificatePath, keyPath)
        current.withLock { $0 = new }
    }

    /// When the certificate expires, in seconds since 1970.
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
