// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import WebAuthn
import Words

/// What to ask an authenticator for, as attributes of a form that Public/passkeys.js reads.
struct PasskeyRequest: TemplateModel {
    /// The form fields that the browser fills in after a signature.
    static let signatureFields: Set<String> = ["credential", "client_data", "authenticator_data", "signature", "next", HeldForm.field]
    /// The form fields that the browser fills in after making a passkey.
    static let registrationFields: Set<String> = ["name", "client_data", "attestation"]

    /// The path that the form is sent to.
    let action: String
    let relyingParty: String
    let challenge: [UInt8]
    /// The passkeys that may sign. When a new one is made, the passkeys that already exist.
    var passkeys: [Passkey] = []
    var isVerificationNeeded = false
    /// The account that gets a new passkey.
    var account: Account?
    var next = ""
    /// A form that the sign-in continues with, sealed.
    var held = ""

    static var fields: [TemplateField<PasskeyRequest>] {
        [
            .text("action", \.action), .text("relying_party", \.relyingParty), .text("challenge") { Base64URL.encode($0.challenge) },
            .text("credentials") { $0.passkeys.map { Base64URL.encode($0.credentialID) }.joined(separator: " ") },
            .text("verification") { $0.isVerificationNeeded ? "required" : "preferred" },
            .text("user") { $0.account.map { Base64URL.encode(Array($0.id.utf8)) } ?? "" }, .text("user_name") { $0.account?.email ?? "" },
            .text("next", \.next), .text("held", \.held),
        ]
    }
}

extension Visit {
    /// The host name that passkeys are bound to. Nil where browsers do not offer passkeys: over plain HTTP (except on localhost), and at IP
    /// addresses.
    var relyingParty: String? {
        guard let host = request.authority?.host, IPAddress(host) == nil, request.isTLS || host == "localhost" else { return nil }
        return host
    }

    /// The check of what the browser sent. Throws `Ceremony.Refusal` where passkeys do not work.
    var ceremony: Ceremony {
        get throws {
            guard let relyingParty, let owner = challengeOwner else { throw Ceremony.Refusal("Passkeys work over HTTPS and on localhost only.") }
            guard let origin = site.pageOrigin(of: request) else {
                throw Ceremony.Refusal("This page has another port than the hub. Set the portal's URL on the page Defaults to use passkeys here.")
            }
            let (challenges, now) = (site.challenges, now)
            return Ceremony(relyingParty: relyingParty, origin: origin.description) { challenges.spend($0, for: owner, at: now) }
        }
    }

    /// The request for a page; nil if the browser offers no passkeys here.
    func passkeyRequest(to action: String) -> PasskeyRequest? {
        guard let relyingParty, let owner = challengeOwner else { return nil }
        return PasskeyRequest(action: action, relyingParty: relyingParty, challenge: site.challenges.make(for: owner, at: now))
    }

    private var challengeOwner: String? { session?.id ?? preSession }

    /// The credentials of the account whose passkey the form names; nil if there is no such passkey. Nothing is proved yet.
    var ownerOfPasskey: Credentials? {
        get throws {
            let id = Base64URL.decode(inputs.exact("credential")) ?? []
            return try read { db in try db.passkey(credentialID: id).map { try db.credentials(ofAccount: $0.accountID) } }
        }
    }

    /// Checks the passkey that signed the form, and records its use. Returns the credentials of its account, as they were before the check. If
    /// `account` is given, the passkey must belong to it. Otherwise the passkey also replaces the password, so the authenticator must have
    /// verified the user. Throws `Ceremony.Refusal`.
    func usedPasskey(of account: Account?) throws -> Credentials {
        let ceremony = try ceremony
        let parts = ["credential", "client_data", "authenticator_data", "signature"].map { Base64URL.decode(inputs.exact($0)) ?? [] }
        let found = try read { db in try db.passkey(credentialID: parts[0]).map { ($0, try db.credentials(ofAccount: $0.accountID)) } }
        guard let (passkey, credentials) = found, account == nil || passkey.accountID == account?.id else {
            throw Ceremony.Refusal("This passkey is not known here. Use another, or sign in with your password.")
        }
        let counter = try ceremony.signed(
            with: KnownPasskey(relyingParty: passkey.relyingParty, key: passkey.key, counter: passkey.counter), clientData: parts[1],
            authenticatorData: parts[2], signature: parts[3], isVerificationNeeded: account == nil)
        try write { try $0.noteUse(ofPasskey: passkey.id, counter: counter, at: now) }
        return credentials
    }
}
