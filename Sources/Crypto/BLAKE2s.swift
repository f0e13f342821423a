// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// BLAKE2s (RFC 7693) with an optional key: WireGuard's Hash (32 bytes) and Mac (keyed, 16 bytes).
/// Call `update` with the input, then `finalize`, which also wipes the state. A copy continues from the same point. Allocates nothing.
public struct BLAKE2s: Sendable, BitwiseCopyable {
    private var chain = BLAKE2sCompression.initialChain
    private var outputByteCount: Int
    /// The chaining value so far.
    private var chainedByteCount: UInt64 = 0
    /// A full block waits here until more input follows, because the last block is marked as final.
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var blockByteCount = 0

    /// A hash of `outputByteCount` bytes (1...32).
    public init(outputByteCount: Int = 32) {
        self.init(key: UnsafeRawBufferPointer(start: nil, count: 0), outputByteCount: outputByteCount)
    }

    /// A keyed hash of `outputByteCount` bytes (1...32). The key has at most 32 bytes; an empty key makes it an unkeyed hash.
    public init(key: UnsafeRawBufferPointer, outputByteCount: Int = 32) {
        precondition(key.count <= 32, "a BLAKE2s key has at most 32 bytes")
        precondition((1...32).contains(outputByteCount), "a BLAKE2s hash has 1 to 32 bytes")
        self.outputByteCount = outputByteCount
        // The parameter block of RFC 7693 2.5: output length, key length, fan-out 1, depth 1.
        chain[0] ^= 0x0101_0000 ^ UInt32(key.count) << 8 ^ UInt32(outputByteCount)
        guard !key.isEmpty else { return }
        // The key, padded with zeros, is the first block.
        withUnsafeMutableBytes(of: &block) { $0.copyMemory(from: key) }
        blockByteCount = 64
    }

    /// Adds input. The result does not depend on how the input is split into calls.
    public mutating func update(_ input: UnsafeRawBufferPointer) {
        guard var next = input.baseAddress else { return }
        var left = input.count
        // SAFETY: `next` and `left` step through `input` together; at most 64 - blockByteCount bytes are copied into the block.
        while left > 0 {
            if blockByteCount == 64 {
                mixBlock(isLast: false)
            }
            let taken = min(left, 64 - blockByteCount)
            let filled = blockByteCount
            withUnsafeMutableBytes(of: &block) { ($0.baseAddress! + filled).copyMemory(from: next, byteCount: taken) }
            blockByteCount += taken
            next += taken
            left -= taken
        }
    }

    /// Adds 32 bytes.
    public mutating func update(_ input: Bytes32) {
        withUnsafeBytes(of: input) { update($0) }
    }

    /// Compresses a waiting full block now, so that copies need not repeat it. More input must follow.
    mutating func mixWaitingBlock() {
        if blockByteCount == 64 { mixBlock(isLast: false) }
    }

    /// Returns the hash, followed by zeros when it is shorter than 32 bytes. Wipes the state; do not use it again.
    public mutating func finalize() -> Bytes32 {
        let filled = blockByteCount
        withUnsafeMutableBytes(of: &block) {
            _ = ($0.baseAddress! + filled).initializeMemory(as: UInt8.self, repeating: 0, count: 64 - filled)
        }
        mixBlock(isLast: true)
        let words = InlineArray<8, UInt32> { chain[$0].littleEndian }
        var result = unsafeBitCast(words, to: Bytes32.self)
        for index in outputByteCount..<32 { result[index] = 0 }
        wipe(&self)
        return result
    }

    private mutating func mixBlock(isLast: Bool) {
        chainedByteCount += UInt64(blockByteCount)
        let byteCount = chainedByteCount
        withUnsafeBytes(of: &block) {
            BLAKE2sCompression.mix($0.baseAddress!, into: &chain, byteCount: byteCount, isLast: isLast)
        }
        blockByteCount = 0
    }
}

extension BLAKE2s {
    /// WireGuard's Hash(input).
    public static func hash(_ input: UnsafeRawBufferPointer) -> Bytes32 {
        var hash = BLAKE2s()
        hash.update(input)
        return hash.finalize()
    }

    /// WireGuard's Hash(a || b).
    public static func hash(_ a: Bytes32, _ b: UnsafeRawBufferPointer) -> Bytes32 {
        var hash = BLAKE2s()
        hash.update(a)
        hash.update(b)
        return hash.finalize()
    }

    /// WireGuard's Hash(a || b) of two 32-byte values.
    public static func hash(_ a: Bytes32, _ b: Bytes32) -> Bytes32 {
        withUnsafeBytes(of: b) { hash(a, $0) }
    }

    /// WireGuard's Mac(key, input): keyed BLAKE2s of 16 bytes (whitepaper 5.4.4: mac1, and the cookie).
    public static func mac16(key: Bytes32, _ input: UnsafeRawBufferPointer) -> Bytes16 {
        withUnsafeBytes(of: key) { mac16(key: $0, input) }
    }

    /// WireGuard's Mac with a cookie as the key (whitepaper 5.4.4: mac2).
    public static func mac16(key: Bytes16, _ input: UnsafeRawBufferPointer) -> Bytes16 {
        withUnsafeBytes(of: key) { mac16(key: $0, input) }
    }

    private static func mac16(key: UnsafeRawBufferPointer, _ input: UnsafeRawBufferPointer) -> Bytes16 {
        var mac = BLAKE2s(key: key, outputByteCount: 16)
        mac.update(input)
        let result = mac.finalize()
        return Bytes16 { result[$0] }
    }
}
