// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSSL

/// The server's side of one TLS connection as bytes in, bytes out: it touches no socket and reads no clock.
/// What `receive` takes comes out of `read` decrypted; what `write` takes, and the messages of TLS itself, come out of `takeOutput`.
public struct TLSSession: ~Copyable {
    /// How far the handshake is.
    public enum Handshake: Hashable, Sendable {
        case done
        /// It goes on when more bytes came.
        case unfinished
        /// It cannot go on; what is to be sent says why.
        case failed
        /// The same: the client speaks HTTP without TLS.
        case plainHTTP
    }

    /// What came of one `read`.
    public enum ReadResult: Hashable, Sendable {
        /// So many bytes stand at the begin of the buffer; at least one.
        case bytes(Int)
        /// Nothing there until more came.
        case nothing
        /// The client will send nothing more, and said so (close_notify).
        case end
        /// What came is no valid record; the session is dead.
        case failed
    }

    // SAFETY: freed by deinit alone; `ssl` owns the two buffers.
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer

    /// A session that waits for a client's first bytes; nil when there is no memory.
    public init?(_ context: TLSContext) {
        guard let ssl = SSL_new(context.pointer) else { return nil }
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            return nil
        }
        SSL_set_bio(ssl, input, output)
        SSL_set_accept_state(ssl)
        (self.ssl, self.input, self.output) = (ssl, input, output)
    }

    deinit { SSL_free(ssl) }

    /// Bytes from the wire.
    public mutating func receive(_ bytes: Span<UInt8>) {
        _ = bytes.withUnsafeBufferPointer { BIO_write(input, $0.baseAddress, Int32(clamping: $0.count)) }
    }

    /// Goes on with the handshake. Costs a signature and a key agreement once in a connection: up to some milliseconds.
    public mutating func handshake() -> Handshake {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .done }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .unfinished
        default: return hairpin_ssl_is_plain_http() == 1 ? .plainHTTP : .failed
        }
    }

    /// Decrypts into `buffer` until it is full or there is no whole record left.
    public mutating func read(into buffer: inout [UInt8]) -> ReadResult {
        var count = 0
        while count < buffer.count {
            ERR_clear_error()
            let result = buffer.withUnsafeMutableBytes { SSL_read(ssl, $0.baseAddress! + count, Int32(clamping: $0.count - count)) }
            if result > 0 {
                count += Int(result)
                continue
            }
            // What was read before is handed out first; a later call meets the same end or error again.
            if count > 0 { break }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .nothing
            case SSL_ERROR_ZERO_RETURN: return .end
            default: return .failed
            }
        }
        return .bytes(count)
    }

    /// Encrypts all of `bytes`. False when the session is dead.
    public mutating func write(_ bytes: Span<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        ERR_clear_error()
        return bytes.withUnsafeBufferPointer { SSL_write(ssl, $0.baseAddress, Int32(clamping: $0.count)) == Int32(clamping: $0.count) }
    }

    /// Says that nothing more will be sent (close_notify, RFC 8446 6.1).
    public mutating func end() {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
    }

    /// All bytes that are to go on the wire, encrypted; the session keeps none of them.
    public mutating func takeOutput() -> [UInt8] {
        let count = BIO_ctrl_pending(output)
        if count == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = Int(max(0, BIO_read(output, buffer.baseAddress, Int32(clamping: count))))
        }
    }
}
