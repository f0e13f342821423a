// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Testing

struct `The AEAD of packets` {
    static let available = AEADImplementation.allCases.filter(\.isAvailable)

    let key = counting(32)

    @Test func `runs on every implementation here`() {
        #expect(Self.available == AEADImplementation.allCases)
    }

    @Test(arguments: available)
    func `seals every length as the handshake's AEAD does and opens it again`(implementation: AEADImplementation) {
        let aead = AEAD(implementation)
        for byteCount in 0...2048 {
            let counter = UInt64(byteCount) &* 0x0101_0101_0101_0101
            let expected = reference(counter: counter, byteCount: byteCount)
            var packet = counting(byteCount) + Array(repeating: 0, count: 16)
            packet.withUnsafeMutableBytes { aead.seal(key: key, counter: counter, at: $0.baseAddress!, byteCount: byteCount) }
            #expect(packet == expected, "\(byteCount) bytes")
            let opened = packet.withUnsafeMutableBytes {
                aead.open(key: key, counter: counter, at: $0.baseAddress!, byteCount: byteCount)
            }
            #expect(opened, "\(byteCount) bytes")
            #expect(Array(packet.prefix(byteCount)) == counting(byteCount), "\(byteCount) bytes")
        }
    }

    @Test(arguments: available, [0, 1, 64, 1420])
    func `refuses each flipped bit of the tag and leaves zeros`(implementation: AEADImplementation, byteCount: Int) {
        let aead = AEAD(implementation)
        let sealed = reference(counter: 7, byteCount: byteCount)
        for bit in 0..<128 {
            var packet = sealed
            packet[byteCount + bit / 8] ^= 1 << UInt8(bit % 8)
            let opened = packet.withUnsafeMutableBytes {
                aead.open(key: key, counter: 7, at: $0.baseAddress!, byteCount: byteCount)
            }
            #expect(!opened, "bit \(bit)")
            #expect(packet.prefix(byteCount).allSatisfy { $0 == 0 }, "bit \(bit)")
        }
    }

    @Test(arguments: available)
    func `refuses another key, another counter and a changed byte`(implementation: AEADImplementation) {
        let aead = AEAD(implementation)
        let sealed = reference(counter: 1 << 63, byteCount: 100)
        func opens(_ packet: [UInt8], key: [UInt8], counter: UInt64) -> Bool {
            var packet = packet
            return packet.withUnsafeMutableBytes { aead.open(key: key, counter: counter, at: $0.baseAddress!, byteCount: 100) }
        }
        #expect(opens(sealed, key: key, counter: 1 << 63))
        #expect(!opens(sealed, key: key.reversed(), counter: 1 << 63))
        #expect(!opens(sealed, key: key, counter: 0))
        for index in 0..<100 {
            var changed = sealed
            changed[index] ^= 4
            #expect(!opens(changed, key: key, counter: 1 << 63), "byte \(index)")
        }
    }

    @Test(arguments: available)
    func `opens the next packet after a refused one`(implementation: AEADImplementation) {
        let aead = AEAD(implementation)
        var forged = [UInt8](repeating: 0xAA, count: 48)
        let forgedOpened = forged.withUnsafeMutableBytes { aead.open(key: key, counter: 0, at: $0.baseAddress!, byteCount: 32) }
        var genuine = reference(counter: 0, byteCount: 32)
        let genuineOpened = genuine.withUnsafeMutableBytes { aead.open(key: key, counter: 0, at: $0.baseAddress!, byteCount: 32) }
        #expect(!forgedOpened)
        #expect(genuineOpened)
    }

    /// An implementation may remember the last key of a direction, but must not use it for a packet with another key.
    @Test(arguments: available)
    func `uses the key of each packet, whatever came before`(implementation: AEADImplementation) {
        let aead = AEAD(implementation)
        let zero = [UInt8](repeating: 0, count: 32)
        var almost = key
        almost[31] ^= 1
        // Also after a packet was refused under the same key, and with a key that a new context might already contain.
        for (sealKey, openKey, fits) in [
            (zero, zero, true), (key, key, true), (key, almost, false), (key, key, true), (almost, key, false), (almost, almost, true),
            (zero, key, false), (key, key, true), (key, zero, false), (zero, zero, true),
        ] {
            var packet = counting(64) + Array(repeating: 0, count: 16)
            packet.withUnsafeMutableBytes { aead.seal(key: sealKey, counter: 3, at: $0.baseAddress!, byteCount: 64) }
            #expect(packet == reference(key: sealKey, counter: 3, byteCount: 64))
            let opened = packet.withUnsafeMutableBytes { aead.open(key: openKey, counter: 3, at: $0.baseAddress!, byteCount: 64) }
            #expect(opened == fits)
        }
    }

    /// Ciphertext and tag of `counting(byteCount)`, made by the AEAD that is tested with the RFC's vectors.
    private func reference(key: [UInt8] = counting(32), counter: UInt64, byteCount: Int) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: byteCount + 16)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        counting(byteCount).withUnsafeBytes {
            ChaCha20Poly1305.seal(
                key: Bytes32(exactly: key)!, counter: counter, plaintext: $0, authenticating: none, into: &output)
        }
        return output
    }
}
