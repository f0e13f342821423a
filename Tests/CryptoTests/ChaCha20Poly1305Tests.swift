// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Support
import Testing

struct `ChaCha20-Poly1305 of handshake fields` {
    /// RFC 8439 appendix A.5, whose nonce 00000000 0102030405060708 has the form of WireGuard's.
    let key: Bytes32 = hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0")
    let counter: UInt64 = 0x0807_0605_0403_0201
    let data: [UInt8] = hex("f33388860000000000004e91")
    let plaintext = Array(
        """
        Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, or obsoleted \
        by other documents at any time. It is inappropriate to use Internet-Drafts as reference material or to cite them \
        other than as /\u{201C}work in progress./\u{201D}
        """.utf8)
    let sealed: [UInt8] = hex(
        """
            64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0
            bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855
            9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e9
            9040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a
            0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130
            305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b
            eead9d67890cbb22392336fea1851f38
        """)

    @Test func `seals the AEAD vector of RFC 8439 appendix A`() {
        var output = [UInt8](repeating: 0, count: plaintext.count + 16)
        plaintext.withUnsafeBytes { plaintext in
            data.withUnsafeBytes { data in
                ChaCha20Poly1305.seal(key: key, counter: counter, plaintext: plaintext, authenticating: data, into: &output)
            }
        }
        #expect(output == sealed)
    }

    @Test func `opens the AEAD vector of RFC 8439 appendix A`() {
        #expect(open(sealed, data: data) == plaintext)
    }

    @Test func `refuses wrong data, a wrong counter and a changed byte`() {
        #expect(open(sealed, data: []) == nil)
        #expect(open(sealed, data: data, counter: counter + 1) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x80
            #expect(open(changed, data: data) == nil, "byte \(index)")
        }
    }

    @Test(arguments: 0..<16)
    func `refuses input shorter than a tag`(byteCount: Int) {
        #expect(open(Array(sealed.prefix(byteCount)), data: data) == nil)
    }

    @Test func `seals an empty field as just a tag`() {
        var output = [UInt8](repeating: 0, count: 16)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        data.withUnsafeBytes {
            ChaCha20Poly1305.seal(key: key, counter: 0, plaintext: none, authenticating: $0, into: &output)
        }
        #expect(open(output, data: data, counter: 0) == [])
    }

    private func open(_ ciphertext: [UInt8], data: [UInt8], counter: UInt64? = nil) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: max(0, ciphertext.count - 16))
        let opened = ciphertext.withUnsafeBytes { ciphertext in
            data.withUnsafeBytes { data in
                ChaCha20Poly1305.open(
                    key: key, counter: counter ?? self.counter, ciphertext: ciphertext, authenticating: data, into: &output)
            }
        }
        return opened ? output : nil
    }
}
