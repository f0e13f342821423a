// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Support
import Testing
import WireGuard

/// A handshake with every input fixed. The bytes were made with Python: hashlib.blake2s, hmac, and X25519 and ChaCha20-Poly1305 of the package
/// cryptography 48, following the whitepaper's section 5.4. They share no code and no library with ours.
///
/// Keys are one byte 32 times: the device's is 11, the hub's 22, their ephemerals 33 and 44, the preshared key 55. The device's index is
/// 01020304, the hub's 0a0b0c0d, the timestamp 1,700,000,000 seconds and 1d000000 (hex) nanoseconds after 1970.
struct `A recorded handshake` {
    private let timestamp = Timestamp(hex("400000006553f10a 1d000000"))!
    private let initiation = hex(
        """
        01000000 04030201
        7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14
        81e498317da959fba46669572516a5e6c021bfa620bb6c56ca0082e1feae1498 8c2c64d024c617734a263f76a008df04
        d0f94bad8ee75ec8fcc26955 822044b2d7331053ca37046285bfbc84
        484f9e51ab888f740717d97bef7d694f
        00000000000000000000000000000000
        """)

    @Test(arguments: [
        (
            nil, "6a1ecf41511921e68a5a2d163fdd5815", "a8779cd1e241ab9344e2239768031cd1",
            "e07b709efbfd0361a08a9de658ceb3847d648c207ed71d4dbdfe248bef23a651",
            "f76ba55a113d83abf16240859ca361a9017ae9fbac0b4aa43179112c40e0163f"
        ),
        (
            PresharedKey(Array(repeating: 0x55, count: 32)), "f24675d8e9426f202cf69a0d865b210f", "21f9308defcc25a88ba5141290efda12",
            "a007faf842d83f5bd3be20a14e0ffcec34c84867b78b051980602713205922de",
            "d982d5cd10d34a7802b6c19fa441cd9164d70e4f4d62007ab416879ee8bd1b99"
        ),
    ])
    func `is reproduced byte by byte`(presharedKey: PresharedKey?, tag: String, mac1: String, a: String, b: String) throws {
        let pair = Pair(device: key(0x11), hub: key(0x22), presharedKey: presharedKey)
        #expect(pair.device.initiation(index: 0x0102_0304, ephemeral: key(0x33), timestamp: timestamp) == initiation)
        let (response, hubKeys) = try pair.hub.response(to: initiation, index: 0x0A0B_0C0D, ephemeral: key(0x44))
        let expected = [
            hex("02000000 0d0c0b0a 04030201"),
            hex("ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b"),
            hex(tag), hex(mac1), hex("00000000000000000000000000000000"),
        ]
        #expect(response == expected.flatMap(\.self))
        let deviceKeys = try pair.device.take(response: response)
        #expect(Array(deviceKeys.send) == hex(a))
        #expect(Array(deviceKeys.receive) == hex(b))
        #expect(Array(hubKeys.send) == hex(b))
        #expect(Array(hubKeys.receive) == hex(a))
    }

    private func key(_ byte: UInt8) -> PrivateKey { PrivateKey(Array(repeating: byte, count: 32))! }
}
