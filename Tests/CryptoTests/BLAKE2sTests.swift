// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Support
import Testing

struct `A BLAKE2s hash` {
    @Test func `gives the hash of abc in RFC 7693 appendix B`() {
        let hash = blake2s(Array("abc".utf8))
        #expect(hash == hex("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"))
    }

    @Test func `gives the hash of empty input`() {
        #expect(blake2s([]) == hex("69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"))
    }

    /// The self-test of RFC 7693 appendix E: 48 hashes, plain and keyed, of four output sizes, hashed together.
    @Test func `passes the self-test of RFC 7693 appendix E`() {
        var all: [UInt8] = []
        for outputByteCount in [16, 20, 28, 32] {
            for inputByteCount in [0, 3, 64, 65, 255, 1024] {
                let input = selfTestSequence(inputByteCount)
                all += blake2s(input, outputByteCount: outputByteCount)
                all += blake2s(input, key: selfTestSequence(outputByteCount), outputByteCount: outputByteCount)
            }
        }
        #expect(blake2s(all) == hex("6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe"))
    }

    /// From the official blake2s-kat.txt: key 00…1f, input 00, 01, 02 …
    @Test(arguments: [
        (0, "48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49"),
        (1, "40d15fee7c328830166ac3f918650f807e7e01e177258cdc0a39b11f598066f1"),
        (63, "c65382513f07460da39833cb666c5ed82e61b9e998f4b0c4287cee56c3cc9bcd"),
        (64, "8975b0577fd35566d750b362b0897a26c399136df07bababbde6203ff2954ed4"),
        (65, "21fe0ceb0052be7fb0f004187cacd7de67fa6eb0938d927677f2398c132317a8"),
        (127, "ddbfea75cc467882eb3483ce5e2e756a4f4701b76b445519e89f22d60fa86e06"),
        (128, "0c311f38c35a4fb90d651c289d486856cd1413df9b0677f53ece2cd9e477c60a"),
        (129, "46a73a8dd3e70f59d3942c01df599def783c9da82fd83222cd662b53dce7dbdf"),
        (255, "3fb735061abc519dfe979e54c1ee5bfad0a9d858b3315bad34bde999efd724dd"),
    ])
    func `gives the official keyed hashes`(byteCount: Int, expected: String) {
        #expect(blake2s(counting(byteCount), key: counting(32)) == hex(expected))
    }

    @Test func `does not depend on how the input is split`() {
        let input = counting(200)
        let whole = blake2s(input, key: counting(32))
        for first in 0...200 {
            for second in stride(from: first, through: 200, by: 9) {
                var hash = counting(32).withUnsafeBytes { BLAKE2s(key: $0) }
                input.withUnsafeBytes {
                    hash.update(UnsafeRawBufferPointer(rebasing: $0[..<first]))
                    hash.update(UnsafeRawBufferPointer(rebasing: $0[first..<second]))
                    hash.update(UnsafeRawBufferPointer(rebasing: $0[second...]))
                }
                #expect(Array(hash.finalize()) == whole, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func `continues from a copy without changing the original`() {
        var hash = BLAKE2s()
        hash.update(hex("00ff") as [UInt8])
        var copy = hash
        copy.update(hex("11") as [UInt8])
        #expect(Array(copy.finalize()) == blake2s(hex("00ff11")))
        #expect(Array(hash.finalize()) == blake2s(hex("00ff")))
    }

    @Test func `hashes two values as if they were one`() {
        let a: Bytes32 = hex("6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633")
        let b: Bytes32 = hex("df1194df20802a4fe594cde27e92991c8cae66c366e8106aaa937a55fa371e8a")
        let together = blake2s(Array(a) + Array(b))
        #expect(Array(BLAKE2s.hash(a, b)) == together)
        #expect(Array(Array(b).withUnsafeBytes { BLAKE2s.hash(a, $0) }) == together)
        #expect(Array((Array(a) + Array(b)).withUnsafeBytes { BLAKE2s.hash($0) }) == together)
    }

    /// Made with Python's hashlib.blake2s(digest_size=16).
    @Test func `gives WireGuard's MACs of 16 bytes`() {
        let mac1 = counting(116).withUnsafeBytes { BLAKE2s.mac16(key: Bytes32(exactly: counting(32))!, $0) }
        #expect(Array(mac1) == hex("072e94ffbfc684bd8ab2a1b9dade2fd5"))
        let mac2 = counting(132).withUnsafeBytes { BLAKE2s.mac16(key: Bytes16(exactly: counting(16))!, $0) }
        #expect(Array(mac2) == hex("b03d1196bdcfaad40f911db86b79ac7e"))
    }
}

extension BLAKE2s {
    fileprivate mutating func update(_ input: [UInt8]) { input.withUnsafeBytes { update($0) } }
}

private func blake2s(_ input: [UInt8], key: [UInt8] = [], outputByteCount: Int = 32) -> [UInt8] {
    var hash = key.withUnsafeBytes { BLAKE2s(key: $0, outputByteCount: outputByteCount) }
    hash.update(input)
    return Array(Array(hash.finalize()).prefix(outputByteCount))
}

/// The deterministic sequence of RFC 7693 appendix E, a Fibonacci generator seeded with the length.
private func selfTestSequence(_ byteCount: Int) -> [UInt8] {
    var a = 0xDEAD_4BAD &* UInt32(byteCount)
    var b: UInt32 = 1
    return (0..<byteCount).map { _ in
        (a, b) = (b, a &+ b)
        return UInt8(truncatingIfNeeded: b >> 24)
    }
}
