// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSSL

/// A certificate with its key, and the rules for all sessions made with it: TLS 1.2 and 1.3, only forward secrecy and AEAD, no compression
/// (CRIME), no renegotiation, and no resumption, so there are no ticket keys to rotate.
/// May be used from any thread; libssl counts the references of the sessions.
public final class TLSContext: Sendable {
    // SAFETY: set once; libssl allows sessions to be made from one context on any thread.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// When the certificate expires, in seconds since 1970.
    public let expiry: Int64

    /// The TLS 1.2 suites. All suites of TLS 1.3 use AEAD (RFC 8446 B.4).
    private static let suites = "ECDHE+AESGCM:ECDHE+CHACHA20"
    private static let groups = "X25519:P-256"

    /// Reads PEM data: the server's certificate followed by its chain, and the private key. Throws the reason when they cannot be used.
    public init(certificate: [UInt8], key: [UInt8]) throws(TLSError) {
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw .refused("there is not enough memory") }
        do throws(TLSError) {
            try Self.setRules(of: pointer)
            expiry = try Self.use(certificate, pointer)
            try Self.use(key: key, pointer)
        } catch {
            SSL_CTX_free(pointer)
            throw error
        }
        self.pointer = pointer
    }

    deinit { SSL_CTX_free(pointer) }

    private static func setRules(of context: OpaquePointer) throws(TLSError) {
        ERR_clear_error()
        guard hairpin_ssl_set_versions(context) == 1, SSL_CTX_set_cipher_list(context, suites) == 1,
            hairpin_ssl_set_groups(context, groups) == 1, SSL_CTX_set_num_tickets(context, 0) == 1
        else { throw refusal() }
        SSL_CTX_set_options(context, hairpin_ssl_options())
        hairpin_ssl_forget_sessions(context)
        hairpin_ssl_release_buffers(context)
        SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    }

    /// The first certificate is ours; the others lead to a root. Returns when the first expires.
    private static func use(_ certificate: [UInt8], _ context: OpaquePointer) throws(TLSError) -> Int64 {
        let file = BIO_new_mem_buf(certificate, Int32(clamping: certificate.count))
        defer { BIO_free(file) }
        guard let own = PEM_read_bio_X509(file, nil, nil, nil) else { throw .noCertificate }
        defer { X509_free(own) }
        guard SSL_CTX_use_certificate(context, own) == 1 else { throw refusal() }
        while let next = PEM_read_bio_X509(file, nil, nil, nil) {
            guard hairpin_ssl_add_chain(context, next) == 1 else {
                X509_free(next)
                throw refusal()
            }
        }
        ERR_clear_error()
        var days: Int32 = 0
        var seconds: Int32 = 0
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_TIME_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(own)) == 1 else { throw refusal() }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    private static func use(key: [UInt8], _ context: OpaquePointer) throws(TLSError) {
        let file = BIO_new_mem_buf(key, Int32(clamping: key.count))
        defer { BIO_free(file) }
        // The callback replaces the passphrase prompt, which must not wait at a terminal.
        guard let own = PEM_read_bio_PrivateKey(file, nil, { _, _, _, _ in -1 }, nil) else {
            throw String(decoding: key, as: UTF8.self).contains("ENCRYPTED") ? .keyIsEncrypted : .noKey
        }
        defer { EVP_PKEY_free(own) }
        guard X509_check_private_key(SSL_CTX_get0_certificate(context), own) == 1 else { throw .keyOfAnotherCertificate }
        guard SSL_CTX_use_PrivateKey(context, own) == 1 else { throw refusal() }
    }

    /// RFC 7301: selects `http/1.1` if the client offers it. If it offers only other protocols, the handshake fails, so that nobody can
    /// redirect a connection meant for us to a server of another protocol (ALPACA).
    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, chosen, chosenCount, offered, offeredCount, _ in
        var position = 0
        while let offered, position < Int(offeredCount) {
            let count = Int(offered[position])
            let name = UnsafeBufferPointer(start: offered + position + 1, count: min(count, Int(offeredCount) - position - 1))
            if name.elementsEqual("http/1.1".utf8) {
                // SAFETY: points into the client's list, as libssl requires; libssl copies the name after the call.
                chosen?.pointee = name.baseAddress
                chosenCount?.pointee = UInt8(name.count)
                return SSL_TLSEXT_ERR_OK
            }
            position += 1 + count
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }

    private static func refusal() -> TLSError {
        let reason = ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) }
        ERR_clear_error()
        return .refused(reason ?? "libssl does not say why")
    }
}
