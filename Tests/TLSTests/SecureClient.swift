// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSSL
import Glibc
import HTTP
import Loopback

/// A client of literal text over TLS and a blocking socket; gives up after ten seconds.
final class SecureClient {
    private let connection: BlockingConnection
    private let context = SSL_CTX_new(TLS_client_method())!
    private let ssl: OpaquePointer

    init(_ server: Server, shakesHands: Bool = true, from host: UInt32 = 1) throws {
        Glibc.signal(SIGPIPE, SIG_IGN)
        ssl = SSL_new(context)
        connection = try BlockingConnection(port: server.address.port ?? 0, from: host)
        SSL_set_fd(ssl, connection.descriptor)
        guard !shakesHands || SSL_connect(ssl) == 1 else { throw Refused() }
    }

    struct Refused: Error {}

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        SSL_write(ssl, bytes, Int32(bytes.count))
    }

    /// Sends bytes without TLS.
    func sendRaw(_ text: String) { connection.send(text) }

    /// Everything that arrives without TLS, up to the end; nil after ten seconds of silence.
    func readRaw() -> String? { connection.readToEnd() }

    /// Everything up to the server's close notification; nil if the connection ends without one.
    func readToEnd() -> String? {
        var all: [UInt8] = []
        while true {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = SSL_read(ssl, &buffer, Int32(buffer.count))
            if count <= 0 { return SSL_get_error(ssl, count) == SSL_ERROR_ZERO_RETURN ? String(decoding: all, as: UTF8.self) : nil }
            all += buffer.prefix(Int(count))
        }
    }

    /// Everything up to and including `mark`; nil if the connection ends before it.
    func read(until mark: String) -> String? {
        var text = ""
        while !text.contains(mark) {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = SSL_read(ssl, &buffer, Int32(buffer.count))
            if count <= 0 { return nil }
            text += String(decoding: buffer.prefix(Int(count)), as: UTF8.self)
        }
        return text
    }

    /// The common name of the server's certificate.
    var certificateName: String {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return "" }
        defer { X509_free(certificate) }
        var buffer = [CChar](repeating: 0, count: 256)
        let count = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, &buffer, Int32(buffer.count))
        return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
