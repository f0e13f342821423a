// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// Sealing and opening in place, for every library that this machine has.
enum AEADBenchmarks {
    static func run() {
        for implementation in AEADImplementation.allCases where implementation.isAvailable {
            let aead = AEAD(implementation)
            for byteCount in [64, 512, 1420] {
                let bytes = UnsafeMutableRawPointer.allocate(byteCount: byteCount + AEAD.tagByteCount, alignment: 64)
                bytes.initializeMemory(as: UInt8.self, repeating: 0x5a, count: byteCount + AEAD.tagByteCount)
                defer { bytes.deallocate() }
                let name = "\(implementation.rawValue), \(byteCount) bytes"
                withBytes(of: Bytes32 { UInt8($0) }) { key in
                    Measurement.of("seal with \(name)") { count in
                        for counter in 0..<count { aead.seal(key: key, counter: UInt64(counter), at: bytes, byteCount: byteCount) }
                        return count
                    }
                    // Opening consumes what was sealed, so each time a copy is opened.
                    let sealed = UnsafeMutableRawPointer.allocate(byteCount: byteCount + AEAD.tagByteCount, alignment: 64)
                    defer { sealed.deallocate() }
                    aead.seal(key: key, counter: 1, at: bytes, byteCount: byteCount)
                    sealed.copyMemory(from: bytes, byteCount: byteCount + AEAD.tagByteCount)
                    Measurement.of("copy and open with \(name)") { count in
                        var opened = 0
                        for _ in 0..<count {
                            bytes.copyMemory(from: sealed, byteCount: byteCount + AEAD.tagByteCount)
                            if aead.open(key: key, counter: 1, at: bytes, byteCount: byteCount) { opened += 1 }
                        }
                        precondition(opened == count)
                        return opened
                    }
                    // With two keys in turn, as when packets do not arrive in trains.
                    _ = withBytes(of: Bytes32 { UInt8($0 + 1) }) { other in
                        Measurement.of("seal, another key each time, with \(name)") { count in
                            for counter in 0..<count {
                                aead.seal(key: counter & 1 == 0 ? key : other, counter: UInt64(counter), at: bytes, byteCount: byteCount)
                            }
                            return count
                        }
                    }
                }
            }
        }
    }
}
