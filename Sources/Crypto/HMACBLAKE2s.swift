// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// HMAC (RFC 2104) over BLAKE2s with a 32-byte key, used by `HKDF`.
struct HMACBLAKE2s: BitwiseCopyable {
    /// Hashes that already contain the padded key; each input continues a copy.
    private var inner = BLAKE2s()
    private var outer = BLAKE2s()

    init(key: Bytes32) {
        let key = unsafeBitCast(key, to: InlineArray<4, UInt64>.self)
        var innerPad = InlineArray<8, UInt64> { 0x3636_3636_3636_3636 ^ ($0 < 4 ? key[$0] : 0) }
        var outerPad = InlineArray<8, UInt64> { 0x5C5C_5C5C_5C5C_5C5C ^ ($0 < 4 ? key[$0] : 0) }
        withUnsafeBytes(of: &innerPad) { inner.update($0) }
        withUnsafeBytes(of: &outerPad) { outer.update($0) }
        wipe(&innerPad)
        wipe(&outerPad)
    }

    /// Makes several codes under one key cheaper. After this call no input may be empty.
    mutating func prepareForMany() {
        inner.mixWaitingBlock()
        outer.mixWaitingBlock()
    }

    /// HMAC(key, input).
    func code(_ input: UnsafeRawBufferPointer) -> Bytes32 {
        var inner = inner
        inner.update(input)
        var outer = outer
        outer.update(inner.finalize())
        return outer.finalize()
    }
}
