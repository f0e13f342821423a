// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSSL

@testable import TLS

/// libssl as a client beside a `TLSSession`, both in memory.
final class MemoryClient {
    private let context = SSL_CTX_new(TLS_client_method())!
    private let ssl: OpaquePointer
    private let input = BIO_new(BIO_s_mem())!
    private let output = BIO_new(BIO_s_mem())!
    private var session: TLSSession
    private(set) var server = TLSSession.Handshake.unfinished

    /// `prepare` changes what the client offers.
    init(_ context: TLSContext, prepare: (OpaquePointer) -> Void = { _ in }) {
        session = TLSSession(context)!
        ssl = SSL_new(self.context)
        prepare(ssl)
        SSL_set_bio(ssl, input, output)
        SSL_set_connect_state(ssl)
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    /// Both sides take turns until neither has anything to send. True if both consider the handshake complete.
    @discardableResult
    func shakeHands() -> Bool {
        for _ in 0..<6 {
            ERR_clear_error()
            SSL_do_handshake(ssl)
            carryToServer()
            if server == .unfinished || SSL_is_init_finished(ssl) == 0 { server = session.handshake() }
            carryToClient()
        }
        return server == .done && SSL_is_init_finished(ssl) == 1
    }

    var version: String { String(cString: SSL_get_version(ssl)) }
    var suite: String { String(cString: SSL_get_cipher_name_of(ssl)) }
    var isAuthenticatedEncryption: Bool { EVP_CIPHER_get_flags(EVP_get_cipherbyname(algorithm)) & UInt(EVP_CIPH_FLAG_AEAD_CIPHER) != 0 }
    private var algorithm: String { suite.contains("CHACHA20") ? "ChaCha20-Poly1305" : suite.contains("256") ? "id-aes256-GCM" : "id-aes128-GCM" }
    var isResumable: Bool { SSL_SESSION_is_resumable(SSL_get_session(ssl)) == 1 }

    var chosenProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// What the server reads after the client writes this.
    func exchange(_ text: String, damaging damage: ([UInt8]) -> [UInt8] = { $0 }) -> (TLSSession.ReadResult, String) {
        let bytes = Array(text.utf8)
        SSL_write(ssl, bytes, Int32(bytes.count))
        session.receive(damage(take(output)).span)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let result = session.read(into: &buffer)
        if case .bytes(let count) = result { return (result, String(decoding: buffer[..<count], as: UTF8.self)) }
        return (result, "")
    }

    /// What the client reads after the server writes this.
    func answer(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard session.write(bytes.span) else { return "" }
        carryToClient()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = SSL_read(ssl, &buffer, Int32(buffer.count))
        return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
    }

    /// Sends bytes that are not TLS.
    func sendRaw(_ text: String) {
        session.receive(Array(text.utf8).span)
        server = session.handshake()
    }

    /// Asks for new keys in the running connection, as TLS 1.2 allows. True when the server agrees.
    func renegotiate() -> Bool {
        SSL_renegotiate(ssl)
        SSL_do_handshake(ssl)
        carryToServer()
        var buffer = [UInt8](repeating: 0, count: 1024)
        _ = session.read(into: &buffer)
        carryToClient()
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        return result == 1 || SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ
    }

    /// The server sends a close notification; true if the client receives it.
    func end() -> Bool {
        session.end()
        carryToClient()
        var byte: UInt8 = 0
        return SSL_get_error(ssl, SSL_read(ssl, &byte, 1)) == SSL_ERROR_ZERO_RETURN
    }

    private func carryToServer() { session.receive(take(output).span) }

    private func carryToClient() {
        let bytes = session.takeOutput()
        BIO_write(input, bytes, Int32(bytes.count))
    }

    private func take(_ buffer: OpaquePointer) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(buffer))
        if !bytes.isEmpty { BIO_read(buffer, &bytes, Int32(bytes.count)) }
        return bytes
    }
}

private func SSL_get_cipher_name_of(_ ssl: OpaquePointer) -> UnsafePointer<CChar> { SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)) }
