// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Support
import Testing

/// Vectors of wireguard-go, device/kdf_test.go. Its keys are shorter than 32 bytes; HMAC pads them with zeros all the same.
struct `WireGuard's key derivation` {
    struct Vector: Sendable {
        var key: String
        var input: String
        var outputs: [String]
    }

    static let vectors = [
        Vector(
            key: "test-key", input: "test-input",
            outputs: [
                "6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633",
                "df1194df20802a4fe594cde27e92991c8cae66c366e8106aaa937a55fa371e8a",
                "fac6e2745a325f5dc5d11a5b165aad08b0ada28e7b4e666b7c077934a4d76c24",
            ]),
        Vector(
            key: "wireguard", input: "wireguard",
            outputs: [
                "491d43bbfdaa8750aaf535e334ecbfe5129967cd64635101c566d4caefda96e8",
                "1e71a379baefd8a79aa4662212fcafe19a23e2b609a3db7d6bcba8f560e3d25f",
                "31e1ae48bddfbe5de38f295e5452b1909a1b4e38e183926af3780b0c1e1f0160",
            ]),
        Vector(
            key: "", input: "",
            outputs: [
                "8387b46bf43eccfcf349552a095d8315c4055beb90208fb1be23b894bc2ed5d0",
                "58a0e5f6faefccf4807bff1f05fa8a9217945762040bcec2f4b4a62bdfe0e86e",
                "0ce6ea98ec548f8e281e93e32db65621c45eb18dc6f0a7ad94178610a2f7338e",
            ]),
    ]

    @Test(arguments: vectors)
    func `gives the outputs of wireguard-go`(vector: Vector) {
        let padded = Array(vector.key.utf8) + Array(repeating: 0, count: 32 - vector.key.utf8.count)
        let chainingKey = Bytes32(exactly: padded)!
        Array(vector.input.utf8).withUnsafeBytes { input in
            let one = HKDF.derive1(chainingKey: chainingKey, input: input)
            let two = HKDF.derive2(chainingKey: chainingKey, input: input)
            let three = HKDF.derive3(chainingKey: chainingKey, input: input)
            #expect([one].map { Array($0) } == vector.outputs.prefix(1).map { hex($0) })
            #expect([two.0, two.1].map { Array($0) } == vector.outputs.prefix(2).map { hex($0) })
            #expect([three.0, three.1, three.2].map { Array($0) } == vector.outputs.map { hex($0) })
        }
    }
}
