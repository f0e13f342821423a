// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import HTTP
import Net
import Store
import Testing

@testable import Portal

/// Rights end after the guard has admitted a request and before its handler writes.
@Suite struct `A request whose rights end before it writes` {
    private let hub: TestSite
    private let device: Device
    private let bob: Account
    private let browser: Browsing

    init() throws {
        hub = try TestSite()
        device = try hub.add("nas")
        browser = try hub.signedIn(email: "bob@example.org")
        bob = try #require(try hub.database.read { try $0.account(email: "bob@example.org") })
    }

    /// Forms that are valid, so that the test sees a write if the rights do not end. `{id}` is a device, `{account}` the first admin.
    static let forms: [(path: String, form: [String: String])] = [
        ("/devices", ["name": "phone"]), ("/devices/{id}/disable", [:]), ("/devices/{id}/delete", [:]), ("/devices/{id}/links", ["hours": "1"]),
        ("/devices/selected", ["action": "tag", "words": "field", "device": "{id}"]), ("/audit/retention", ["days": "30"]),
        ("/account/tokens/new", ["name": "late", "days": "9", "scope_devices": "on"]),
        ("/admins/new", ["email": "late@example.org", "password": "oolong at midnight", "role": "admin"]),
        ("/admins/{account}/end-sessions", [:]), ("/admins/{account}/remove-second-factors", [:]),
    ]

    enum End: CaseIterable { case never, session, disabled, removed, role }

    private func filled(_ text: String) throws -> String {
        text.replacing("{id}", with: device.id).replacing("{account}", with: try hub.database.read { try $0.accounts()[0].id })
    }

    private func end(_ end: End) throws {
        try hub.database.write {
            switch end {
            case .never: break
            case .session: try $0.endSessions(ofAccount: bob.id)
            case .disabled: try $0.setDisabled(ofAccount: bob.id, true, by: .system, at: World.start)
            case .removed: try $0.removeAccount(bob.id, by: .system, at: World.start)
            case .role: try $0.setRole(ofAccount: bob.id, .viewer, by: .system, at: World.start)
            }
        }
    }

    private func newest() throws -> Int64 { try hub.database.read { try $0.auditEntries(limit: 1) }.first?.number ?? 0 }

    @Test(arguments: forms.indices, End.allCases)
    func `writes nothing`(index: Int, how: End) throws {
        let (path, form) = Self.forms[index]
        let request = try browser.admitted(try filled(path), try form.mapValues(filled))
        try end(how)
        let before = try newest()
        switch how {
        case .never:
            #expect(try request.handle().status.code == 303)
            #expect(try newest() > before)
        case .session, .disabled, .removed: #expect(throws: SignInNeeded.self) { try request.handle() }
        case .role: #expect(try #require(throws: HTTPError.self) { try request.handle() }.status == .forbidden)
        }
        if how != .never { #expect(try newest() == before) }
    }

    /// Also routes for which the test has no valid form.
    @Test(arguments: `Every route`.pages.filter { $0.method == .post })
    func `writes nothing on any page`(route: ListedRoute) throws {
        let path = route.pattern.contains("/devices/") ? route.path(id: device.id) : route.path()
        let request = try browser.admitted(path)
        try end(.session)
        let before = try newest()
        _ = try? request.handle()
        #expect(try newest() == before)
    }

    @Test(arguments: [nil, "removed", "disabled"])
    func `writes nothing with its token either`(how: String?) throws {
        let (secret, token) = try hub.database.write {
            try $0.addAPIToken(
                name: "script", scopes: [.devices, .settings], expiresAt: nil, owner: bob, by: Author(name: bob.email), at: World.start)
        }
        let api = APIClient(hub.site, token: secret.reveal())
        let requests = try [
            api.request("POST", "/devices", ["name": "phone"]), api.request("PATCH", "/devices/\(device.id)", ["name": "box"]),
            api.request("PATCH", "/defaults", ["mtu": 1380]), api.request("DELETE", "/devices/\(device.id)"),
        ].map { try AdmittedRequest($0, hub.site) }
        switch how {
        case "removed": try hub.database.write { try $0.removeAPIToken(token.id, by: .system, at: World.start) }
        case "disabled": try end(.disabled)
        default: break
        }
        for request in requests {
            let before = try newest()
            if how == nil {
                try request.handle()
                #expect(try newest() > before)
            } else {
                #expect(try #require(throws: HTTPError.self) { try request.handle() }.status == .unauthorized)
                #expect(try newest() == before)
            }
        }
    }

    /// A file that was read before the account was disabled does not leave the hub after it.
    @Test func `hands out no file`() throws {
        let request = try browser.admitted("/devices/\(device.id)/config")
        try end(.disabled)
        #expect(throws: SignInNeeded.self) { try request.handle() }
    }

    @Test func `writes nothing once its account must add a second factor`() throws {
        let request = try browser.admitted("/devices/\(device.id)/disable")
        try hub.database.write { try $0.setSecondFactorRequired(true, by: .system, at: World.start) }
        #expect(throws: SecondFactorNeeded.self) { try request.handle() }
        #expect(try hub.device(device.id).enabled)
    }

    /// Every handler writes with `Visit.write` or `Visit.change`, which check the rights. These files do not write for a visitor, or say how they check.
    @Test func `is caught on every page, because no page writes in another way`() throws {
        let exempt = [
            "Server/Rights.swift", "Server/PortalSite.swift",
            // When sessions and tokens were used, after the requests.
            "Server/Activity.swift",
            // A stream of files, after the request.
            "Devices/Selection.swift",
        ]
        let folder = TestSite.root + "/Sources/Portal"
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() where path.hasSuffix(".swift") && !exempt.contains(path) {
            let source = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
            #expect(!source.contains(/database\.(write|change)\b/), "\(path) writes without a check of the visitor's rights")
        }
    }
}

/// The account changes while a sign-in is under way.
@Suite struct `A sign-in that is overtaken` {
    private let hub: TestSite
    private let ada: Account

    init() throws {
        hub = try TestSite(passwordHash: "old")
        ada = try hub.database.read { try $0.accounts()[0] }
    }

    private func credentials() throws -> Credentials { try hub.database.read { try $0.credentials(ofAccount: ada.id) } }
    private func sessions() throws -> [Session] { try hub.database.read { try $0.sessions(ofAccount: ada.id, at: World.start) } }

    @Test func `by a new password starts no session`() throws {
        let visit = try Browsing(hub.site).admitted("/login").visit
        let proved = try credentials()
        try hub.database.write { try $0.setPassword(ofAccount: ada.id, hash: "new", by: .system, at: World.start) }
        #expect(throws: StoreError.outdatedSignIn) { _ = try visit.start(proved, with: "password", then: "/") }
        #expect(try sessions() == [])
        #expect(try hub.database.read { try $0.auditEntries(limit: 1) }.first?.action == "admin.set_password")
        // After the new password has been proved.
        #expect(try visit.start(try credentials(), with: "password", then: "/").status == .seeOther)
    }

    /// The code is right, but the password that came before it is not any more.
    @Test func `between its two steps starts no session`() throws {
        let browser = Browsing(hub.site)
        browser.cookies["login"] = try hub.database.write { try $0.startPendingLogin(provedBy: $0.credentials(ofAccount: ada.id), at: World.start) }
            .reveal()
        let visit = try browser.admitted("/login/code").visit
        try hub.database.write { try $0.setPassword(ofAccount: ada.id, hash: "new", by: .system, at: World.start) }
        #expect(throws: StoreError.outdatedSignIn) { _ = try visit.start(try credentials(), with: "app code", isSecondStep: true, then: "/") }
        #expect(try sessions() == [])
    }

    @Test func `is told to sign in again`() throws {
        let request = try Browsing(hub.site).request("GET", "/login/code")
        #expect(hub.site.application.refuse(StoreError.outdatedSignIn, request, "id").fields["Location"] == "/login")
    }
}
