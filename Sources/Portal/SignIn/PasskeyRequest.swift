// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import WebAuthn
import Words

/// What a page tells the browser to ask an authenticator for, in the attributes of a form (Public/passkeys.js reads them).
struct PasskeyRequest: TemplateModel {
    /// Fields of the form that a browser fills in after a signature.
    static let signatureFields: Set<String> = ["credential", "client_data", "authenticator_data", "signature", "next"]
    /// The same after a passkey was made.
    static let registrationFields: Set<String> = ["name", "client_data", "attestation"]

    /// Where the answer goes.
    let action: String
    let relyingParty: String
    let challenge: [UInt8]
    /// Those that may sign, or, with a new one, those that exist already.
    var passkeys: [Passkey] = []
    var isVerificationNeeded = false
    /// For whom a new one is made.
    var account: Account?
    var next = ""

    static var fields: [TemplateField<PasskeyRequest>] {
        [
            .text("action", \.action), .text("relying_party", \.relyingParty), .text("challenge") { Base64URL.encode($0.challenge) },
            .text("credentials") { $0.passkeys.map { Base64URL.encode($0.credentialID) }.joined(separator: " ") },
            .text("verification") { $0.isVerificationNeeded ? "required" : "preferred" },
            .text("user") { $0.account.map { Base64URL.encode(Array($0.id.utf8)) } ?? "" }, .text("user_name") { $0.account?.email ?? "" },
            .text("next", \.next),
        ]
    }
}

extension Visit {
    /// The host name that passkeys work for here; nil where browsers offer none: over plain HTTP, but for localhost, and at addresses.
    var relyingParty: String? {
        guard let host = request.authority?.host, IPAddress(host) == nil, request.isTLS || host == "localhost" else { return nil }
        return host
    }

    /// Nil where there are no passkeys.
    var ceremony: Ceremony? {
        guard let relyingParty, let owner = challengeOwner else { return nil }
        let (challenges, now) = (site.challenges, now)
        return Ceremony(relyingParty: relyingParty, origin: request.ownOrigin) { challenges.spend($0, for: owner, at: now) }
    }

    /// What a page asks the browser for; nil where there are no passkeys.
    func passkeyRequest(to action: String) -> PasskeyRequest? {
        guard let relyingParty, let owner = challengeOwner else { return nil }
        return PasskeyRequest(action: action, relyingParty: relyingParty, challenge: site.challenges.make(for: owner, at: now))
    }

    private var challengeOwner: String? { session?.id ?? preSession }

    /// The passkey that signed the form, used. With an account it must be one of its own; without one the authenticator must have checked
    /// who is there, as the passkey stands for the password too. Throws `Ceremony.Refusal`.
    func usedPasskey(of account: Account?) throws -> Passkey {
        guard let ceremony else { throw Ceremony.Refusal("Passkeys work over HTTPS and on localhost only.") }
        let parts = ["credential", "client_data", "authenticator_data", "signature"].map { Base64URL.decode(inputs.exact($0)) ?? [] }
        guard let passkey = try site.database.read({ try $0.passkey(credentialID: parts[0]) }),
            account == nil || passkey.accountID == account?.id
        else { throw Ceremony.Refusal("This passkey is not known here. Use another, or sign in with your password.") }
        let counter = try ceremony.signed(
            with: KnownPasskey(relyingParty: passkey.relyingParty, key: passkey.key, counter: passkey.counter), clientData: parts[1],
            authenticatorData: parts[2], signature: parts[3], isVerificationNeeded: account == nil)
        try site.database.write { try $0.noteUse(ofPasskey: passkey.id, counter: counter, at: now) }
        return passkey
    }
}
