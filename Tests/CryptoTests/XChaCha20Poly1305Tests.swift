// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Support
import Testing

struct `XChaCha20-Poly1305` {
    /// draft-irtf-cfrg-xchacha-03 appendix A.3.1.
    let key: Bytes32 = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
    let nonce: XChaCha20Poly1305.Nonce = hex("404142434445464748494a4b4c4d4e4f5051525354555657")
    let data: [UInt8] = hex("50515253c0c1c2c3c4c5c6c7")
    let plaintext = Array(
        """
        Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.
        """.utf8)
    let sealed: [UInt8] = hex(
        """
            bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39
            ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9
            21f9664c97637da9768812f615c68b13b52e
            c0875924c1c7987947deafd8780acf49
        """)

    @Test func `seals the vector of the draft`() {
        var output = [UInt8](repeating: 0, count: plaintext.count + 16)
        plaintext.withUnsafeBytes { plaintext in
            data.withUnsafeBytes { data in
                XChaCha20Poly1305.seal(key: key, nonce: nonce, plaintext: plaintext, authenticating: data, into: &output)
            }
        }
        #expect(output == sealed)
    }

    @Test func `opens the vector of the draft`() {
        #expect(open(sealed, data: data) == plaintext)
    }

    @Test func `refuses wrong data, a changed byte and input shorter than a tag`() {
        #expect(open(sealed, data: []) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(open(changed, data: data) == nil, "byte \(index)")
        }
        #expect(open(Array(sealed.prefix(15)), data: data) == nil)
    }

    private func open(_ ciphertext: [UInt8], data: [UInt8]) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: max(0, ciphertext.count - 16))
        let opened = ciphertext.withUnsafeBytes { ciphertext in
            data.withUnsafeBytes { data in
                XChaCha20Poly1305.open(key: key, nonce: nonce, ciphertext: ciphertext, authenticating: data, into: &output)
            }
        }
        return opened ? output : nil
    }
}
