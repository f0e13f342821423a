// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import COpenSSL

/// Time-based one-time passwords of six digits in steps of 30 seconds (RFC 6238 with HMAC-SHA-1), the form that authenticator apps use.
public struct TOTP: Sendable, CustomStringConvertible, CustomReflectable {
    /// The length of a secret in bytes, equal to the hash's output (RFC 4226 4, R6).
    public static let secretByteCount = 20
    /// The length of a step in seconds.
    public static let period: Int64 = 30
    /// How many steps before and after the current one are accepted, to allow for wrong clocks and slow typing.
    public static let window: Int64 = 1

    private let secret: [UInt8]

    /// Nil unless the secret has `secretByteCount` bytes.
    public init?(secret: [UInt8]) {
        guard secret.count == Self.secretByteCount else { return nil }
        self.secret = secret
    }

    /// A new secret from the kernel's random source.
    public static func generate() -> TOTP { TOTP(secret: SecureRandom.bytes(secretByteCount))! }

    /// The secret itself. Store it sealed and show it only once.
    public func reveal() -> [UInt8] { secret }

    /// The secret for typing into an app: Base32 without padding.
    public func revealBase32() -> String { Base32.encode(secret) }

    /// The code of a step, including leading zeros (RFC 4226 5.3).
    public func code(step: Int64) -> String {
        let number = UInt64(bitPattern: step)
        let mac = Self.hmacSHA1(key: secret, (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) })
        let offset = Int(mac[19] & 0x0F)
        let value = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(value % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Finds the step in the window around `seconds` since 1970 whose code is `code`. It must come after `last`, the last step used, so
    /// that each step works once (RFC 6238 5.2). Nil for a wrong or used code. Compares in constant time.
    public func step(of code: String, at seconds: Int64, after last: Int64) -> Int64? {
        let now = seconds / Self.period
        let given = Array(code.utf8)
        var found: Int64?
        for step in (now - Self.window)...(now + Self.window) where step > last && constantTimeEqual(Array(self.code(step: step).utf8), given) {
            found = found ?? step
        }
        return found
    }

    /// Hides the secret, so that logs and error messages cannot reveal it.
    public var description: String { "TOTP(hidden)" }
    /// Empty, so that `dump` does not reveal the secret either.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// RFC 2104 over SHA-1, by libcrypto.
    static func hmacSHA1(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 20) { buffer, filled in
            var count: UInt32 = 0
            // SAFETY: SHA-1 gives 20 bytes, which the buffer has; the other pointers are lent for the call with their own counts.
            let result = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, buffer.baseAddress, &count)
            precondition(result != nil && count == 20, "libcrypto refused HMAC-SHA-1")
            filled = 20
        }
    }
}
