// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Support
import Testing

@testable import Crypto

struct `An X25519 agreement` {
    @Test(arguments: [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
        ),
        // The highest bit of the point is set and must be ignored.
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
        ),
    ])
    func `gives the products of RFC 7748 section 5-2`(scalar: String, point: String, product: String) {
        #expect(agree(hex(scalar), hex(point)) == hex(product))
    }

    @Test func `gives the iterated products of RFC 7748 section 5-2`() {
        var k = hex("0900000000000000000000000000000000000000000000000000000000000000") as [UInt8]
        var u = k
        for round in 1...1000 {
            (k, u) = (agree(k, u)!, k)
            if round == 1 {
                #expect(k == hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"))
            }
        }
        #expect(k == hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"))
    }

    @Test func `gives the shared secret of RFC 7748 section 6-1 to both sides`() {
        let alice = PrivateKey(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a") as [UInt8])!
        let bob = PrivateKey(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb") as [UInt8])!
        #expect(Array(alice.publicKey.bytes) == hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
        #expect(Array(bob.publicKey.bytes) == hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
        let secret: [UInt8] = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        #expect(X25519.agree(alice, bob.publicKey).map { Array($0) } == secret)
        #expect(X25519.agree(bob, alice.publicKey).map { Array($0) } == secret)
    }

    /// The public half is computed on another curve and converted; the product with 9 is computed directly.
    @Test func `with the base point gives the public half of a key`() {
        var base = [UInt8](repeating: 0, count: 32)
        base[0] = 9
        let extremes = [[UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32)].map { PrivateKey($0)! }
        for key in extremes + (0..<500).map({ _ in PrivateKey.generate() }) {
            #expect(agree(Array(key.bytes), base) == Array(key.publicKey.bytes))
        }
    }

    /// The base point of Ed25519 (RFC 8032 section 5.1), with either sign, is the base point 9; the neutral point has no coordinate.
    @Test(arguments: [
        ("5866666666666666666666666666666666666666666666666666666666666666", "0900000000000000000000000000000000000000000000000000000000000000"),
        ("58666666666666666666666666666666666666666666666666666666666666e6", "0900000000000000000000000000000000000000000000000000000000000000"),
        ("0100000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000000"),
        ("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "0000000000000000000000000000000000000000000000000000000000000000"),
    ])
    func `converts points from the other curve (RFC 7748 section 4-1)`(edwards: String, montgomery: String) {
        #expect(Array(Edwards25519.u(of: hex(edwards))) == hex(montgomery))
    }

    /// Points whose order divides eight, and the same with the ignored highest bit set (WG-N-8, WG-N-9).
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ])
    func `fails with a point of low order`(point: String) {
        #expect(X25519.agree(PrivateKey.generate(), PublicKey(bytes: hex(point))) == nil)
    }
}

private func agree(_ scalar: [UInt8], _ point: [UInt8]) -> [UInt8]? {
    X25519.agree(PrivateKey(scalar)!, PublicKey(point)!).map { Array($0) }
}
