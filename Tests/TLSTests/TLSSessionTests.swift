// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSSL
import Glibc
import Testing

@testable import TLS

struct `A TLS session` {
    private let context: TLSContext

    init() throws {
        let files = try TestCertificate()
        context = try TLSContext(certificate: files.certificate, key: files.key)
    }

    @Test func `carries bytes both ways after its handshake, and sends a close notification`() {
        let client = MemoryClient(context)
        #expect(client.shakeHands())
        let (result, text) = client.exchange("GET / HTTP/1.1\r\n")
        #expect(result == .bytes(16))
        #expect(text == "GET / HTTP/1.1\r\n")
        #expect(client.answer("HTTP/1.1 200 OK\r\n") == "HTTP/1.1 200 OK\r\n")
        #expect(client.end())
    }

    @Test(arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")])
    func `speaks TLS 1.2 and 1.3`(version: Int32, name: String) {
        let client = MemoryClient(context) { SSL_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil) }
        #expect(client.shakeHands())
        #expect(client.version == name)
        #expect(client.isAuthenticatedEncryption, "\(client.suite)")
    }

    @Test func `does not speak TLS 1.1`() {
        let client = MemoryClient(context) {
            SSL_set_security_level($0, 0)
            SSL_ctrl($0, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_1_VERSION), nil)
            SSL_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_1_VERSION), nil)
        }
        #expect(!client.shakeHands())
        #expect(client.server == .failed)
    }

    @Test(arguments: ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256"])
    func `refuses cipher suites without authenticated encryption or forward secrecy`(suite: String) {
        let client = MemoryClient(context) {
            SSL_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
            SSL_set_cipher_list($0, suite)
        }
        #expect(!client.shakeHands())
    }

    @Test(arguments: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"])
    func `accepts each modern cipher suite of TLS 1.2`(suite: String) {
        let client = MemoryClient(context) {
            SSL_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
            SSL_set_cipher_list($0, suite)
        }
        #expect(client.shakeHands())
        #expect(client.suite == suite)
    }

    @Test(arguments: [("P-384", false), ("P-256", true), ("X25519", true)])
    func `agrees on keys over X25519 and P-256 only`(group: String, isTaken: Bool) {
        let client = MemoryClient(context) { ssl in
            SSL_ctrl(ssl, SSL_CTRL_SET_GROUPS_LIST, 0, strdup(group))
        }
        #expect(client.shakeHands() == isTaken)
    }

    @Test(arguments: [("\u{2}h2\u{8}http/1.1", "http/1.1"), ("\u{8}http/1.1", "http/1.1"), ("", "")])
    func `chooses http 1.1 if the client offers it`(offer: String, chosen: String) {
        let client = MemoryClient(context) { SSL_set_alpn_protos($0, Array(offer.utf8), UInt32(offer.utf8.count)) }
        #expect(client.shakeHands())
        #expect(client.chosenProtocol == chosen)
    }

    @Test func `ends the handshake of a client that offers only other protocols`() {
        let client = MemoryClient(context) { SSL_set_alpn_protos($0, Array("\u{2}h2\u{3}ftp".utf8), 7) }
        #expect(!client.shakeHands())
        #expect(client.server == .failed)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `issues no tickets`(version: Int32) {
        let client = MemoryClient(context) { SSL_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil) }
        #expect(client.shakeHands())
        #expect(client.answer("x") == "x")
        #expect(!client.isResumable)
    }

    @Test func `refuses renegotiation`() {
        let client = MemoryClient(context) { SSL_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil) }
        #expect(client.shakeHands())
        #expect(!client.renegotiate())
    }

    @Test func `refuses a record that was changed on its way`() {
        let client = MemoryClient(context)
        #expect(client.shakeHands())
        let (result, _) = client.exchange("hello") { bytes in
            var bytes = bytes
            bytes[bytes.count - 1] ^= 1
            return bytes
        }
        #expect(result == .failed)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: h\r\n\r\n", "POST /login HTTP/1.1\r\n"])
    func `recognises a client that speaks HTTP without TLS`(text: String) {
        let client = MemoryClient(context)
        client.sendRaw(text)
        #expect(client.server == .plainHTTP)
    }

    @Test func `fails on bytes that are not TLS`() {
        let client = MemoryClient(context)
        client.sendRaw("\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}")
        #expect(client.server == .failed)
    }
}
