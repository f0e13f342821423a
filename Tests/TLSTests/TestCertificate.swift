// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A certificate made with the openssl command, and its key, as files that are removed with this value.
final class TestCertificate {
    let folder: URL
    var certificateFile: String { folder.appendingPathComponent("certificate.pem").path }
    var keyFile: String { folder.appendingPathComponent("key.pem").path }
    var certificate: [UInt8] { (try? Array(Data(contentsOf: URL(fileURLWithPath: certificateFile)))) ?? [] }
    var key: [UInt8] { (try? Array(Data(contentsOf: URL(fileURLWithPath: keyFile)))) ?? [] }

    init(name: String = "hub.example.org", days: Int = 30, key: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try renew(name: name, days: days, key: key)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes another certificate with another key over the first.
    func renew(name: String, days: Int = 30, key: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]) throws {
        let names = ["-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)"]
        try Self.openssl(
            ["req", "-x509", "-nodes", "-newkey"] + key + ["-days", "\(days)", "-keyout", keyFile, "-out", certificateFile] + names)
    }

    static func openssl(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}
