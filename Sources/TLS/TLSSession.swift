// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSSL

/// The server side of one TLS connection, as bytes in and bytes out. Uses no socket and no clock.
/// Bytes given to `receive` come out of `read` decrypted. Bytes given to `write`, and TLS's own messages, come out of `takeOutput`.
public struct TLSSession: ~Copyable {
    /// The state of the handshake.
    public enum Handshake: Hashable, Sendable {
        case done
        /// More bytes are needed.
        case unfinished
        /// The handshake failed; the output says why.
        case failed
        /// The handshake failed because the client sent HTTP without TLS.
        case plainHTTP
    }

    /// The result of one `read`.
    public enum ReadResult: Hashable, Sendable {
        /// This many bytes (at least one) are at the start of the buffer.
        case bytes(Int)
        /// Nothing to read until more bytes arrive.
        case nothing
        /// The client closed its side (close_notify).
        case end
        /// The input is not a valid record; the session cannot continue.
        case failed
    }

    // SAFETY: freed by deinit alone; `ssl` owns the two buffers.
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer

    /// A session that waits for the client's first bytes; nil when memory is exhausted.
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

    /// Takes bytes from the wire.
    public mutating func receive(_ bytes: Span<UInt8>) {
        _ = bytes.withUnsafeBufferPointer { BIO_write(input, $0.baseAddress, Int32(clamping: $0.count)) }
    }

    /// Continues the handshake. Once per connection this takes up to a few milliseconds, for a signature and a key agreement.
    public mutating func handshake() -> Handshake {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .done }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .unfinished
        default: return hairpin_ssl_is_plain_http() == 1 ? .plainHTTP : .failed
        }
    }

    /// Decrypts into `buffer` until it is full or no complete record is left.
    public mutating func read(into buffer: inout [UInt8]) -> ReadResult {
        var count = 0
        while count < buffer.count {
            ERR_clear_error()
            let result = buffer.withUnsafeMutableBytes { SSL_read(ssl, $0.baseAddress! + count, Int32(clamping: $0.count - count)) }
            if result > 0 {
                count += Int(result)
                continue
            }
            // Return the bytes read so far; the next call finds the same end or error again.
            if count > 0 { break }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .nothing
            case SSL_ERROR_ZERO_RETURN: return .end
            default: return .failed
            }
        }
        return .bytes(count)
    }

    /// Encrypts all of `bytes`. False when the session has failed.
    public mutating func write(_ bytes: Span<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        ERR_clear_error()
        return bytes.withUnsafeBufferPointer { SSL_write(ssl, $0.baseAddress, Int32(clamping: $0.count)) == Int32(clamping: $0.count) }
    }

    /// Closes our side (close_notify, RFC 8446 6.1).
    public mutating func end() {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
    }

    /// Removes and returns all encrypted bytes that must be sent.
    public mutating func takeOutput() -> [UInt8] {
        let count = BIO_ctrl_pending(output)
        if count == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = Int(max(0, BIO_read(output, buffer.baseAddress, Int32(clamping: count))))
        }
    }
}
