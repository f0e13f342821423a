// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Self-signed certificates.
extension Lab {
    /// A folder with a certificate for `name`, which hubs may read.
    func certificate(name: String) throws -> String {
        let path = folder.appendingPathComponent("tls").path
        try Command.expect(["mkdir", path])
        try renewCertificate(in: path, name: name)
        return path
    }

    func renewCertificate(in path: String, name: String) throws {
        try Command.expect([
            "openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2", "-keyout", "\(path)/key.pem",
            "-out", "\(path)/certificate.pem", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name),IP:127.0.0.1",
        ])
        try Command.expect(["chown", "-R", "65534:65534", path])
        try Command.expect(["chmod", "755", path])
    }
}
