// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Encrypts a file of any size with a passphrase. Argon2id (RFC 9106) derives the key; XChaCha20-Poly1305 in libsodium's secretstream
/// encrypts the chunks, so that no chunk can be changed, removed, moved or cut off undetected.
///
/// `magic 17 | salt 16 | stream header 24 | chunk, tag | chunk, tag | …`; every chunk but the last has `chunkByteCount` bytes of content.
public enum PassphraseSeal {
    /// The first bytes of a sealed file. The number is the version of the format and its Argon2id costs.
    public static let magic = Array("hairpin sealed 1\n".utf8)
    /// The number of bytes before the first chunk.
    public static let headerByteCount = magic.count + saltByteCount + streamHeaderByteCount
    /// The content bytes of a full chunk.
    public static let chunkByteCount = 64 << 10
    /// The length of a full chunk in the file.
    public static let sealedChunkByteCount = chunkByteCount + crypto_secretstream_xchacha20poly1305_abytes()

    private static let saltByteCount = crypto_pwhash_saltbytes()
    private static let streamHeaderByteCount = crypto_secretstream_xchacha20poly1305_headerbytes()

    /// Encrypts chunks in order.
    public final class Sealer {
        /// The header at the start of the file.
        public let header: [UInt8]
        private var state: crypto_secretstream_xchacha20poly1305_state

        /// Nil when Argon2id cannot get its memory. Takes a quarter of a second.
        public init?(passphrase: String) {
            Sodium.start()
            let salt = SecureRandom.bytes(PassphraseSeal.saltByteCount)
            guard let key = PassphraseSeal.key(passphrase, salt: salt) else { return nil }
            var stream = [UInt8](repeating: 0, count: PassphraseSeal.streamHeaderByteCount)
            var state = crypto_secretstream_xchacha20poly1305_state()
            key.withBytes { _ = crypto_secretstream_xchacha20poly1305_init_push(&state, &stream, $0) }
            self.state = state
            header = PassphraseSeal.magic + salt + stream
        }

        deinit { wipe(&state) }

        /// The encrypted chunk. `isLast` ends the stream.
        public func seal(_ chunk: [UInt8], isLast: Bool) -> [UInt8] {
            let tag = isLast ? crypto_secretstream_xchacha20poly1305_tag_final() : crypto_secretstream_xchacha20poly1305_tag_message()
            var sealed = [UInt8](repeating: 0, count: chunk.count + crypto_secretstream_xchacha20poly1305_abytes())
            _ = crypto_secretstream_xchacha20poly1305_push(
                &state, &sealed, nil, chunk, UInt64(chunk.count), header, UInt64(header.count), tag)
            return sealed
        }
    }

    /// Decrypts chunks in order.
    public final class Opener {
        private let header: [UInt8]
        private var state: crypto_secretstream_xchacha20poly1305_state

        /// Nil for an invalid header, or when Argon2id cannot get its memory.
        public init?(passphrase: String, header: [UInt8]) {
            Sodium.start()
            guard header.count == PassphraseSeal.headerByteCount, header.starts(with: PassphraseSeal.magic) else { return nil }
            let salt = Array(header.dropFirst(PassphraseSeal.magic.count).prefix(PassphraseSeal.saltByteCount))
            let stream = Array(header.suffix(PassphraseSeal.streamHeaderByteCount))
            var state = crypto_secretstream_xchacha20poly1305_state()
            guard let key = PassphraseSeal.key(passphrase, salt: salt),
                key.withBytes({ crypto_secretstream_xchacha20poly1305_init_pull(&state, stream, $0) }) == 0
            else { return nil }
            self.state = state
            self.header = header
        }

        deinit { wipe(&state) }

        /// The content, and whether it is the last chunk; nil for a wrong passphrase or a chunk out of order.
        public func open(_ sealed: [UInt8]) -> (content: [UInt8], isLast: Bool)? {
            guard sealed.count >= crypto_secretstream_xchacha20poly1305_abytes() else { return nil }
            var content = [UInt8](repeating: 0, count: sealed.count - crypto_secretstream_xchacha20poly1305_abytes())
            var tag: UInt8 = 0
            let result = crypto_secretstream_xchacha20poly1305_pull(
                &state, &content, nil, &tag, sealed, UInt64(sealed.count), header, UInt64(header.count))
            guard result == 0 else { return nil }
            return (content, tag == crypto_secretstream_xchacha20poly1305_tag_final())
        }
    }

    private static func key(_ passphrase: String, salt: [UInt8]) -> LockedBytes? {
        var bytes = [UInt8](repeating: 0, count: crypto_secretstream_xchacha20poly1305_keybytes())
        defer { wipe(&bytes) }
        let characters = passphrase.utf8CString
        // SAFETY: the array ends with a zero byte, so it is never empty and has an address, which does not leave the closure.
        let result = characters.withUnsafeBufferPointer {
            crypto_pwhash(
                &bytes, UInt64(bytes.count), $0.baseAddress!, UInt64($0.count - 1), salt, PasswordHash.passes, PasswordHash.memoryBytes,
                crypto_pwhash_ALG_ARGON2ID13)
        }
        return result == 0 ? LockedBytes(bytes) : nil
    }
}
