// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import TLS

struct `A certificate and its key` {
    private func error(_ certificate: [UInt8], _ key: [UInt8]) -> TLSError? {
        do throws(TLSError) {
            _ = try TLSContext(certificate: certificate, key: key)
            return nil
        } catch {
            return error
        }
    }

    @Test func `are accepted if they belong together, whatever their type`() throws {
        for key in [["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], ["rsa:2048"], ["ed25519"]] {
            let files = try TestCertificate(key: key)
            #expect(error(files.certificate, files.key) == nil, "\(key)")
        }
    }

    @Test func `report when the certificate expires`() throws {
        let files = try TestCertificate(days: 90)
        let days = (try TLSContext(certificate: files.certificate, key: files.key).expiry - Int64(Date().timeIntervalSince1970)) / 86_400
        #expect((89...90).contains(days))
    }

    @Test func `are refused if they do not belong together`() throws {
        let one = try TestCertificate(), other = try TestCertificate()
        #expect(error(one.certificate, other.key) == .keyOfAnotherCertificate)
    }

    @Test func `are refused if one is missing`() throws {
        let files = try TestCertificate()
        #expect(error([], files.key) == .noCertificate)
        #expect(error(Array("hello".utf8), files.key) == .noCertificate)
        #expect(error(files.key, files.key) == .noCertificate)
        #expect(error(files.certificate, []) == .noKey)
        #expect(error(files.certificate, files.certificate) == .noKey)
        #expect(error(Array(files.certificate.dropLast(100)), files.key) == .noCertificate)
    }

    @Test func `are refused with a passphrase, without asking for it`() throws {
        let files = try TestCertificate()
        let sealed = files.folder.appendingPathComponent("sealed.pem").path
        try TestCertificate.openssl(["pkey", "-in", files.keyFile, "-aes256", "-passout", "pass:secret", "-out", sealed])
        #expect(error(files.certificate, Array(try Data(contentsOf: URL(fileURLWithPath: sealed)))) == .keyIsEncrypted)
    }

    @Test func `are refused if the key is too short to be safe`() throws {
        let files = try TestCertificate(key: ["rsa:1024"])
        guard case .refused(let reason)? = error(files.certificate, files.key) else {
            Issue.record("a key of 1024 bits was accepted")
            return
        }
        #expect(reason.contains("too small"))
    }
}
