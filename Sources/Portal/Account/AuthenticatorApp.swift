// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Adding an authenticator app to one's own account, and removing it.
struct AuthenticatorAppPage: TemplateModel {
    static let template = Template<AuthenticatorAppPage>("totp_new")
    static let routes: [Route<Handler>] = [
        Route(.get, "/account/totp/new", Handler(.viewer, confirmed: true, show)),
        Route(.post, "/account/totp/new", Handler(.viewer, confirmed: true, fields: ["code"], add)),
        Route(.post, "/account/totp/remove", Handler(.viewer, confirmed: true, remove)),
    ]

    static var fields: [TemplateField<AuthenticatorAppPage>] {
        [
            .phrase("problem") { $0.inputs.problem(besides: ["code"]) }, .text("uri", \.uri), .text("qr") { QRCode($0.uri)?.dataURL ?? "" },
            .text("secret", \.groupedSecret),
        ] + TemplateField.inputs(secret: ["code"], of: \.inputs)
    }

    private let inputs: Inputs
    private let secret: String
    private let uri: String

    /// In groups of four, for typing.
    private var groupedSecret: String {
        let digits = Array(secret)
        return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<min($0 + 4, digits.count)]) }.joined(separator: " ")
    }

    static func show(_ visit: Visit) throws -> Response { try draw(visit, Inputs([:])) }

    static func add(_ visit: Visit) throws -> Response {
        let session = try visit.ownSession
        var inputs = visit.inputs
        guard let totp = remembered(visit, session) else {
            inputs.refuse("code", "This page was open too long, so there is a new QR code. Scan it again.")
            return try draw(visit, inputs, status: .unprocessableContent)
        }
        guard let step = totp.step(of: inputs.text("code").filter { !$0.isWhitespace }, at: visit.now.seconds, after: 0) else {
            inputs.refuse("code", "The code does not match. Check the clock of your phone, then enter the code that it shows now.")
            return try draw(visit, inputs, status: .unprocessableContent)
        }
        visit.site.secrets.remove(for: "totp", session: session.id)
        return try visit.changeSecondFactors { try $0.setTOTP(totp, ofAccount: session.account.id, usedStep: step, by: visit.author, at: visit.now) }
    }

    static func remove(_ visit: Visit) throws -> Response {
        try visit.changeSecondFactors { try $0.removeTOTP(ofAccount: visit.ownSession.account.id, by: visit.author, at: visit.now) }
    }

    /// The secret that this session was shown. It is kept in memory until a code proves that the app has it.
    private static func remembered(_ visit: Visit, _ session: Session) -> TOTP? {
        visit.site.secrets.text(for: "totp", session: session.id, now: visit.now).flatMap { Base32.decode($0) }.flatMap { TOTP(secret: $0) }
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let session = try visit.ownSession
        let totp = remembered(visit, session) ?? TOTP.generate()
        let secret = totp.revealBase32()
        visit.site.secrets.put(secret, for: "totp", session: session.id, now: visit.now)
        let uri = totp.keyURI(issuer: try visit.read { try $0.hub().name }, account: session.account.email)
        return try visit.page(template, AuthenticatorAppPage(inputs: inputs, secret: secret, uri: uri), status: status)
    }
}

extension TOTP {
    /// What apps read from a QR code (Key URI Format of the authenticator apps). `issuer` and `account` are names for people.
    func keyURI(issuer: String, account: String) -> String {
        let link = PageAddress("otpauth://totp/\(PageAddress.encoded(issuer)):\(PageAddress.encoded(account))").with("secret", revealBase32()).with(
            "issuer", issuer)
        return link.with("algorithm", "SHA1").with("digits", "6").with("period", "\(Self.period)").text
    }
}
