// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Support
import Testing

@testable import Crypto

@Suite struct `A one-time password` {
    /// RFC 6238 appendix B, the rows of SHA-1, cut to six digits; RFC 4226 appendix D for the first steps.
    static let secret = Array("12345678901234567890".utf8)
    static let vectors: [(seconds: Int64, code: String)] = [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
        (20_000_000_000, "353130"), (0, "755224"), (30, "287082"), (60, "359152"), (90, "969429"), (120, "338314"), (150, "254676"),
    ]

    private let totp: TOTP

    init() throws { totp = try #require(TOTP(secret: Self.secret)) }

    @Test(arguments: vectors)
    func `matches the RFC`(seconds: Int64, code: String) {
        #expect(totp.code(step: seconds / 30) == code)
    }

    @Test func `is made with HMAC-SHA-1`() {
        // RFC 2202 3, test cases 1 and 2.
        #expect(TOTP.hmacSHA1(key: .init(repeating: 0x0B, count: 20), Array("Hi There".utf8)) == hex("b617318655057264e28bc0b6fb378c8ef146be00"))
        #expect(
            TOTP.hmacSHA1(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)) == hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"))
    }

    @Test func `is valid one step before and after its own, but only once`() {
        for seconds: Int64 in [30, 59, 60, 89, 119] { #expect(totp.step(of: "359152", at: seconds, after: 0) == 2, "\(seconds)") }
        for seconds: Int64 in [0, 29, 120] { #expect(totp.step(of: "359152", at: seconds, after: 0) == nil, "\(seconds)") }
        #expect(totp.step(of: "359152", at: 60, after: 2) == nil)
        #expect(totp.step(of: "359152", at: 60, after: 1) == 2)
    }

    @Test(arguments: ["", "35915", "3591520", "359153", "abcdef", "３５９１５２"])
    func `is six digits and nothing else`(code: String) {
        #expect(totp.step(of: code, at: 60, after: 0) == nil)
    }

    @Test func `never prints its secret`() {
        var text = ""
        dump(totp, to: &text)
        #expect("\(totp)" == "TOTP(hidden)")
        #expect(!text.contains("49"))
    }

    @Test func `has a secret of exactly 160 bits`() {
        #expect(TOTP(secret: .init(repeating: 1, count: 19)) == nil)
        #expect(TOTP(secret: .init(repeating: 1, count: 21)) == nil)
        #expect(TOTP.generate().reveal() != TOTP.generate().reveal())
    }
}

@Suite struct `Text in Base32` {
    /// RFC 4648 10, without the padding.
    static let vectors = [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ]

    @Test(arguments: vectors)
    func `matches the RFC`(plain: String, encoded: String) {
        #expect(Base32.encode(Array(plain.utf8)) == encoded)
        #expect(Base32.decode(encoded) == Array(plain.utf8))
        #expect(Base32.decode(encoded.lowercased()) == Array(plain.utf8))
    }

    @Test(arguments: ["M", "MZ1", "MY======", "MZ", "MZXW6YTBO"])
    func `is refused if it is invalid`(text: String) {
        #expect(Base32.decode(text) == nil)
    }
}
