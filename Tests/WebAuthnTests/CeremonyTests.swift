// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Support
import Testing

@testable import WebAuthn

@Suite struct `A passkey of the standard's vectors` {
    private func ceremony(_ challenge: [UInt8], relyingParty: String = "example.org", origin: String = "https://example.org") -> Ceremony {
        Ceremony(relyingParty: relyingParty, origin: origin) { $0 == challenge }
    }

    private func passkey(_ vector: PasskeyVector, counter: UInt32 = 0) throws -> KnownPasskey {
        let data = try ceremony(vector.registrationChallenge).registered(
            clientData: vector.registrationClientData, attestationObject: vector.attestationObject)
        let credential = try #require(data.credential)
        #expect(credential.id == vector.credentialID)
        return KnownPasskey(relyingParty: "example.org", key: credential.key, counter: counter)
    }

    @Test(arguments: PasskeyVector.all)
    func `is registered and signs`(vector: PasskeyVector) throws {
        let counter = try ceremony(vector.challenge).signed(
            with: passkey(vector), clientData: vector.clientData, authenticatorData: vector.authenticatorData, signature: vector.signature,
            isVerificationNeeded: false)
        #expect(counter == 0)
    }

    @Test(arguments: PasskeyVector.all)
    func `is refused for another challenge, host, page or key, or if a bit is changed`(vector: PasskeyVector) throws {
        let passkey = try passkey(vector)
        func sign(_ ceremony: Ceremony, with passkey: KnownPasskey, _ change: (inout [UInt8], inout [UInt8], inout [UInt8]) -> Void = { _, _, _ in })
            throws
        {
            var (client, data, signature) = (vector.clientData, vector.authenticatorData, vector.signature)
            change(&client, &data, &signature)
            _ = try ceremony.signed(
                with: passkey, clientData: client, authenticatorData: data, signature: signature, isVerificationNeeded: false)
        }
        let good = ceremony(vector.challenge)
        try sign(good, with: passkey)
        #expect(throws: Ceremony.Refusal.self) { try sign(ceremony(vector.registrationChallenge), with: passkey) }
        #expect(throws: Ceremony.Refusal.self) { try sign(ceremony(vector.challenge, relyingParty: "example.com"), with: passkey) }
        #expect(throws: Ceremony.Refusal.self) { try sign(ceremony(vector.challenge, origin: "https://evil.example"), with: passkey) }
        #expect(throws: Ceremony.Refusal.self) { try sign(ceremony(vector.challenge, origin: "http://example.org"), with: passkey) }
        let other = try self.passkey(vector.name == PasskeyVector.es256.name ? .ed25519 : .es256)
        #expect(throws: Ceremony.Refusal.self) { try sign(good, with: other) }
        #expect(throws: Ceremony.Refusal.self) { try sign(good, with: self.passkey(vector, counter: 1)) }
        for position in vector.authenticatorData.indices {
            #expect(throws: Ceremony.Refusal.self, "byte \(position)") { try sign(good, with: passkey) { _, data, _ in data[position] ^= 1 } }
        }
        for position in vector.signature.indices {
            #expect(throws: Ceremony.Refusal.self, "byte \(position)") {
                try sign(good, with: passkey) { _, _, signature in signature[position] ^= 0x10 }
            }
        }
        for position in vector.clientData.indices {
            #expect(throws: Ceremony.Refusal.self, "byte \(position)") { try sign(good, with: passkey) { client, _, _ in client[position] ^= 1 } }
        }
    }

    @Test func `says whether the authenticator verified the user`() throws {
        // The ES256 vector signed without verification (flags 19), so it cannot replace a password.
        #expect(throws: Ceremony.Refusal.self) {
            _ = try ceremony(PasskeyVector.es256.challenge).signed(
                with: passkey(.es256), clientData: PasskeyVector.es256.clientData, authenticatorData: PasskeyVector.es256.authenticatorData,
                signature: PasskeyVector.es256.signature, isVerificationNeeded: true)
        }
    }

    @Test(arguments: PasskeyVector.all)
    func `is not registered from bytes that are truncated, too long or in another form`(vector: PasskeyVector) throws {
        let good = ceremony(vector.registrationChallenge)
        for length in vector.attestationObject.indices {
            let cut = Array(vector.attestationObject[..<length])
            #expect(throws: Ceremony.Refusal.self, "\(length) bytes") {
                _ = try good.registered(clientData: vector.registrationClientData, attestationObject: cut)
            }
        }
        #expect(throws: Ceremony.Refusal.self) {
            _ = try good.registered(clientData: vector.registrationClientData, attestationObject: vector.attestationObject + [0])
        }
        #expect(throws: Ceremony.Refusal.self) {
            _ = try good.registered(clientData: vector.clientData, attestationObject: vector.attestationObject)
        }
        // Whatever is changed, the parser neither stops the program nor accepts an invalid key.
        for position in vector.attestationObject.indices {
            for bit in 0..<8 {
                var changed = vector.attestationObject
                changed[position] ^= 1 << bit
                _ = try? good.registered(clientData: vector.registrationClientData, attestationObject: changed)
            }
        }
    }
}

@Suite struct `CBOR of an authenticator` {
    /// The examples of RFC 8949 appendix A that are in this form.
    static let readable: [(String, CBOR)] = [
        ("00", .integer(0)), ("17", .integer(23)), ("1818", .integer(24)), ("1903e8", .integer(1000)), ("1a000f4240", .integer(1_000_000)),
        ("1b000000e8d4a51000", .integer(1_000_000_000_000)), ("20", .integer(-1)), ("29", .integer(-10)), ("3863", .integer(-100)),
        ("f4", .bool(false)), ("f5", .bool(true)), ("f6", .null), ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])), ("60", .text("")),
        ("62c3bc", .text("ü")), ("83010203", .array([.integer(1), .integer(2), .integer(3)])), ("a0", .map([:])),
        ("a201020304", .map([.integer(1): .integer(2), .integer(3): .integer(4)])),
    ]

    @Test(arguments: readable)
    func `is read`(text: String, item: CBOR) {
        #expect(CBOR(hex(text)) == item)
    }

    @Test(arguments: [
        "", "18", "1817", "190017", "1900ff", "1b000000000000ffff", "1bffffffffffffffff", "3bffffffffffffffff", "c001", "f7", "f90000",
        "fb3ff199999999999a",
        "5f42010243030405ff", "7f61f6ff", "9fff", "bf61619fffff", "44010203", "62c328", "61ff", "830102", "a1", "a101", "a201020103", "0000",
        "818181818100",
        "9b00000000ffffffff", "bb00000000ffffffff", "5b7fffffffffffffff", "1c", "ff",
    ])
    func `in any other form is refused`(text: String) {
        #expect(CBOR(hex(text)) == nil)
    }
}
