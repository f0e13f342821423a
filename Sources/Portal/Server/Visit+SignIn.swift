// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Store
import Words

extension Response {
    /// The page of `draw` as the response to an attempt that came too soon.
    static func tooSoon(_ seconds: Int64, _ draw: (Status) throws -> Response) rethrows -> Response {
        var response = try draw(.tooManyRequests)
        response.fields.set("Retry-After", String(seconds))
        return response
    }
}

/// Whether an attempt to sign in or to confirm may go on.
enum Admission {
    case admitted(PasswordGate.Claim)
    /// Seconds to wait, and what to say.
    case tooSoon(Int64, Phrase)
}

extension PasswordGate.Claim {
    /// Failures of an account or a network beyond which its attempts are paced. More than people make by mistake.
    private static let pacedFailures = 20

    fileprivate init(_ standing: LoginStanding, _ buckets: [LoginBucket]) {
        self.init(debt: 0)
        for bucket in buckets {
            let failures = standing.failures[bucket] ?? 0
            switch bucket {
            case .source: debt += failures
            case .network, .account:
                if case .network = bucket { debt += failures }
                if failures >= Self.pacedFailures { paced.insert(bucket) }
            case .browser(let email, _): self = .known(of: email)
            case .codes, .browserCodes: break
            }
        }
    }
}

extension Visit {
    /// The buckets for attempts to sign in with this address. A browser that signed in to the account before has a count of its own, so nobody
    /// else can slow it down. `credentials` are those of the account; nil if there is none.
    func loginBuckets(_ email: String, _ credentials: Credentials?) -> [LoginBucket] {
        if let browser = credentials.flatMap(knownBrowser) { return [.browser(email: email, id: browser)] }
        return sourceBuckets + [.account(email: email)]
    }

    /// The buckets for an attempt with a passkey of the account.
    func passkeyBuckets(_ credentials: Credentials?) -> [LoginBucket] {
        guard let credentials, let browser = knownBrowser(of: credentials) else { return sourceBuckets }
        return [.browser(email: credentials.account.email, id: "passkey \(browser)")]
    }

    /// All attempts of this client, and of its network.
    var sourceBuckets: [LoginBucket] {
        let lengths = request.client.isV4 ? (source: 32, network: 24) : (source: 64, network: 48)
        return [
            IPPrefix(request.client, length: lengths.source).map { .source($0) },
            IPPrefix(request.client, length: lengths.network).map { .network($0) },
        ].compactMap { $0 }
    }

    /// Counts an attempt before doing any work for it. Returns its place in the queue for the password check, or, if it must not go on, the
    /// time to wait and a message. A refused attempt is counted only, because somebody who guesses must not be able to fill the disk.
    func admit(_ buckets: [LoginBucket]) throws -> Admission {
        if let wait = try site.database.read({ try $0.loginWait(buckets, at: now) }) { return refuseAttempt(wait) }
        let standing = try write { try $0.takeLoginAttempt(buckets, at: now) }
        guard standing.wait == 0 else { return refuseAttempt(standing.wait) }
        return .admitted(PasswordGate.Claim(standing, buckets))
    }

    /// Checks a password for an attempt that was admitted. If the gate turns it away, the attempt was not made and does not count.
    func pass(_ claim: PasswordGate.Claim, counting buckets: [LoginBucket], _ check: () -> Bool) throws -> Bool {
        do { return try site.gate.pass(as: claim, check) } catch {
            try write { try $0.withdrawLoginAttempt(buckets) }
            throw error
        }
    }

    private func refuseAttempt(_ wait: Int64) -> Admission {
        noteRefusal(.signIns)
        return .tooSoon(wait, "Too many attempts. Wait \(Amount.age(wait)) and try again.")
    }

    /// The token of a browser that gave the right password and still needs the second factor.
    var pendingToken: SecretToken? { PortalCookie.login.value(in: request).flatMap { SecretToken($0, kind: .login) } }

    /// The id of this browser, if it signed in to the account before and neither the password nor a second factor has changed since.
    func knownBrowser(of credentials: Credentials) -> String? {
        let parts = PortalCookie.browser.value(in: request)?.split(separator: ".") ?? []
        guard parts.count == 2, site.signer.isValid(String(parts[1]), of: "\(parts[0]) \(credentials.epoch)", for: .browser) else { return nil }
        return String(parts[0])
    }

    /// The name of a browser that still needs the second factor, for a form that waits for it.
    private static func waiting(_ pending: SecretToken) -> String { "sign-in \(Hex.encode(Digest.sha256(Array(pending.reveal().utf8))))" }

    /// Keeps the sealed form of this request until the second factor is given.
    func holdForm(for pending: SecretToken) {
        let sealed = inputs.exact(HeldForm.field)
        if !sealed.isEmpty { site.secrets.put(sealed, for: HeldForm.field, session: Self.waiting(pending), now: now) }
    }

    /// The form that this browser held during the sign-in to an account; nil if there is none for this account.
    private func heldForm(of credentials: Credentials) -> HeldForm? {
        let sent = inputs.exact(HeldForm.field)
        let waiting = pendingToken.flatMap { site.secrets.text(for: HeldForm.field, session: Self.waiting($0), now: now) }
        return HeldForm(sealed: sent.isEmpty ? waiting ?? "" : sent, for: knownBrowser(of: credentials), in: site, at: now)
    }

    /// Lets the browser prove later that it signed in to the account.
    func remember(_ browser: String = Hex.encode(SecureRandom.bytes(16)), of credentials: Credentials, on response: inout Response) {
        let signature = site.signer.sign("\(browser) \(credentials.epoch)", for: .browser)
        PortalCookie.browser.set("\(browser).\(signature)", on: &response, for: request)
    }

    /// Starts a new session with a new token, even if there was a session before (ASVS 7.2.4). `factors` says how the user proved these
    /// credentials. The second step also needs the first one, which a change of the password takes back. Continues with the form that the
    /// browser held, otherwise at `path`. Throws `.outdatedSignIn` if any of this has changed while the proof was checked.
    func start(_ credentials: Credentials, with factors: String, isSecondStep: Bool = false, then path: String) throws -> Response {
        let account = credentials.account
        let form = heldForm(of: credentials)
        let author = Author(name: account.email, address: request.client.description)
        let (token, session) = try write { transaction in
            let hasFirstStep = try pendingToken.map { try transaction.endPendingLogin($0) } ?? false
            guard hasFirstStep || !isSecondStep else { throw StoreError.outdatedSignIn }
            if let old = request.sessionToken, let session = try transaction.session(old, at: now) { try transaction.endSession(session.id) }
            try transaction.record("login", target: "admin/\(account.email)", after: ["with": factors], by: author, at: now)
            return try transaction.startSession(
                provedBy: credentials, address: request.client.description, userAgent: request.fields["User-Agent"] ?? "", at: now)
        }
        if let form { site.hold(form, for: session, at: now) }
        var response = Response.redirect(to: form == nil ? path : HeldForm.path)
        PortalCookie.session.set(token.reveal(), on: &response, for: request)
        PortalCookie.preSession.remove(from: &response, for: request)
        if pendingToken != nil { PortalCookie.login.remove(from: &response, for: request) }
        if let known = knownBrowser(of: credentials) {
            remember(known, of: credentials, on: &response)
        } else {
            remember(of: credentials, on: &response)
        }
        return response
    }
}
