// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Words

/// The stored state of a passkey, from its registration and its last use.
public struct KnownPasskey {
    /// The host name that the passkey is for.
    let relyingParty: String
    /// The public key that verifies its signatures.
    let key: SignatureKey
    /// The authenticator's signature counter at the last use; 0 if it has none.
    let counter: UInt32

    public init(relyingParty: String, key: SignatureKey, counter: UInt32) {
        self.relyingParty = relyingParty
        self.key = key
        self.counter = counter
    }
}

/// The server side of the WebAuthn level 2 ceremonies: registration (7.1) and authentication (7.2). Does not request attestation, so any
/// authenticator may be used. Performs no input or output.
public struct Ceremony {
    /// The host name that the passkey is for.
    public let relyingParty: String
    private let origin: String
    private let spend: ([UInt8]) -> Bool

    /// `origin` is the scheme, host and port of the page that made the request. `spend` returns true if this hub recently issued the
    /// challenge to this browser and it was not used before. It also marks the challenge as used.
    public init(relyingParty: String, origin: String, spend: @escaping ([UInt8]) -> Bool) {
        self.relyingParty = relyingParty
        self.origin = origin
        self.spend = spend
    }

    /// The reason why a passkey is refused.
    public struct Refusal: Error, Equatable {
        /// A sentence for people.
        public let message: Phrase
        public init(_ message: Phrase) { self.message = message }
    }

    /// Verifies the registration of a new passkey and returns its data. Throws `Refusal`.
    public func registered(clientData: [UInt8], attestationObject: [UInt8]) throws(Refusal) -> AuthenticatorData {
        let challenge = try check(clientData, type: "webauthn.create")
        guard let object = CBOR(attestationObject), object[.text("fmt")]?.text != nil, object[.text("attStmt")] != nil,
            let bytes = object[.text("authData")]?.bytes, let data = AuthenticatorData(bytes), data.credential != nil
        else { throw Refusal("The authenticator's answer cannot be read, or its type of key is not supported (ES256 and EdDSA are).") }
        try check(data, isVerificationNeeded: false)
        guard spend(challenge) else { throw Self.late }
        return data
    }

    /// Verifies a signature made with `passkey` and returns the new signature counter. Throws `Refusal`.
    public func signed(
        with passkey: KnownPasskey, clientData: [UInt8], authenticatorData bytes: [UInt8], signature: [UInt8], isVerificationNeeded: Bool
    ) throws(Refusal) -> UInt32 {
        guard passkey.relyingParty == relyingParty else {
            throw Refusal("This passkey was made for \(passkey.relyingParty). Use another, or open the portal there.")
        }
        let challenge = try check(clientData, type: "webauthn.get")
        guard let data = AuthenticatorData(bytes), data.credential == nil else {
            throw Refusal("The authenticator's answer cannot be read. Try again, or use another authenticator.")
        }
        try check(data, isVerificationNeeded: isVerificationNeeded)
        guard passkey.key.verifies(signature, of: bytes + Digest.sha256(clientData)) else {
            throw Refusal("The signature does not match. Try again, or use another passkey.")
        }
        // A counter that did not increase means that two authenticators hold the key (6.1.1).
        guard (data.counter == 0 && passkey.counter == 0) || data.counter > passkey.counter else {
            throw Refusal("This passkey was copied: its counter went back. Remove it and add a new one.")
        }
        guard spend(challenge) else { throw Self.late }
        return data.counter
    }

    /// Verifies the client data and returns its challenge.
    private func check(_ clientData: [UInt8], type: String) throws(Refusal) -> [UInt8] {
        guard let client = try? JSON(parsing: clientData), let challenge = client["challenge"]?.string.flatMap(Base64URL.decode) else {
            throw Refusal("The browser's answer cannot be read. Reload the page and try again.")
        }
        guard client["type"]?.string == type, client["origin"]?.string == origin, client["crossOrigin"]?.bool != true else {
            throw Refusal("The passkey was used on a page that is not from this hub.")
        }
        return challenge
    }

    private static let late = Refusal("This took too long, or was sent twice. Reload the page and try again.")

    private func check(_ data: AuthenticatorData, isVerificationNeeded: Bool) throws(Refusal) {
        guard constantTimeEqual(data.relyingPartyHash, Digest.sha256(relyingParty)), data.isUserPresent else {
            throw Refusal("The authenticator did not answer for this hub, or nobody touched it.")
        }
        guard data.isUserVerified || !isVerificationNeeded else {
            throw Refusal("The authenticator did not check who you are. Set up a PIN or fingerprint, or sign in with your password.")
        }
    }
}
