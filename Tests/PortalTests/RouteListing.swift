// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP

@testable import Portal

/// The part of a route that people rely on: who may use it, and what else it demands.
struct ListedRoute: CustomStringConvertible, Hashable {
    let method: Method
    let pattern: String
    /// `viewer` and `admin` are roles of accounts; `token:` goes before a scope. `entry` is everybody with one of our forms, and `everybody` needs
    /// nothing.
    let who: Set<Substring>
    /// `confirmed` demands a fresh confirmation; `passive` does not keep a session alive.
    let flags: Set<Substring>
    let description: String

    init?(_ line: String) {
        let parts = line.split(separator: " | ")
        let words = parts[0].split(separator: " ")
        guard let method = Method(rawValue: String(words[0])) else { return nil }
        (self.method, pattern, description) = (method, String(words[1]), line)
        who = Set(parts[1].split(separator: " "))
        flags = Set(parts.count > 2 ? parts[2].split(separator: " ") : [])
    }

    /// A path for this route. `id` fills in ids; tests that need existing things pass theirs.
    func path(id: String = "abcdefgh23456789") -> String {
        pattern.replacing("{id}", with: id).replacing("{link}", with: id).replacing("{generation:number}", with: "1").replacing(
            "{name:file}", with: "app.css")
    }
}

/// The agreed list of all routes. Adding or opening a route means changing a line here too, where a reviewer sees it.
enum RouteListing {
    static let lines = text.split(separator: "\n").map(String.init)
    static let all = lines.compactMap(ListedRoute.init)

    /// The program's own table, in the same form.
    static let ofTheProgram = Routes.table.map { route in
        let who =
            switch route.payload.access {
            case .everybody: "everybody"
            case .entry: "entry"
            case .viewer: "viewer admin"
            case .admin: "admin"
            case .token(let scope): "token:\(scope.rawValue)"
            case .tokenOrViewer(let scope): "viewer admin token:\(scope.rawValue)"
            case .anyToken(let scopes): scopes.map { "token:\($0.rawValue)" }.sorted().joined(separator: " ")
            }
        let flags = (route.payload.needsConfirmation ? ["confirmed"] : []) + (route.payload.isPassive ? ["passive"] : [])
        return (["\(route.method.rawValue) \(route.pattern.text)", who] + flags).joined(separator: " | ")
    }

    private static let text = """
        GET / | viewer admin
        GET /account | viewer admin
        GET /account/confirm | viewer admin
        POST /account/confirm | viewer admin
        POST /account/confirm/passkey | viewer admin
        POST /account/language | viewer admin
        GET /account/passkeys/new | viewer admin | confirmed
        POST /account/passkeys/new | viewer admin | confirmed
        GET /account/passkeys/{id}/remove | viewer admin | confirmed
        POST /account/passkeys/{id}/remove | viewer admin | confirmed
        POST /account/passkeys/{id}/rename | viewer admin
        POST /account/password | viewer admin
        GET /account/recovery-codes | viewer admin | confirmed
        POST /account/recovery-codes | viewer admin | confirmed
        POST /account/sessions/end-others | viewer admin
        POST /account/sessions/{id}/end | viewer admin
        POST /account/theme | viewer admin
        GET /account/tokens/new | admin | confirmed
        POST /account/tokens/new | admin | confirmed
        POST /account/tokens/{id}/revoke | admin | confirmed
        GET /account/totp/new | viewer admin | confirmed
        POST /account/totp/new | viewer admin | confirmed
        GET /account/totp/remove | viewer admin | confirmed
        POST /account/totp/remove | viewer admin | confirmed
        GET /admins | admin
        GET /admins/new | admin | confirmed
        POST /admins/new | admin | confirmed
        POST /admins/second-factors | admin | confirmed
        GET /admins/{id} | admin | confirmed
        POST /admins/{id}/disable | admin | confirmed
        POST /admins/{id}/enable | admin | confirmed
        POST /admins/{id}/end-sessions | admin | confirmed
        GET /admins/{id}/remove | admin | confirmed
        POST /admins/{id}/remove | admin | confirmed
        GET /admins/{id}/remove-second-factors | admin | confirmed
        POST /admins/{id}/remove-second-factors | admin | confirmed
        POST /admins/{id}/role | admin | confirmed
        GET /api/v1/audit | token:read
        POST /api/v1/changes/{generation:number}/revert | token:devices token:settings
        GET /api/v1/defaults | token:read
        PATCH /api/v1/defaults | token:settings
        GET /api/v1/devices | token:read
        POST /api/v1/devices | token:devices
        GET /api/v1/devices/{id} | token:read
        PATCH /api/v1/devices/{id} | token:devices
        DELETE /api/v1/devices/{id} | token:devices
        GET /api/v1/devices/{id}/config | token:devices
        POST /api/v1/devices/{id}/forget-time | token:devices
        POST /api/v1/devices/{id}/installed | token:devices
        POST /api/v1/devices/{id}/probe | token:read
        GET /api/v1/devices/{id}/partners | token:read
        GET /api/v1/devices/{id}/qr.svg | token:devices
        POST /api/v1/devices/{id}/rotate-key | token:devices
        GET /api/v1/devices/{id}/sessions | token:read
        GET /api/v1/devices/{id}/traffic | token:read
        GET /api/v1/drops | token:read
        GET /api/v1/drops/pairs | token:read
        GET /api/v1/gateway | token:read
        GET /api/v1/links | token:read
        GET /api/v1/expectations | token:read
        POST /api/v1/expectations | token:settings
        DELETE /api/v1/expectations/{id} | token:settings
        POST /api/v1/links | token:devices
        GET /api/v1/names | token:read
        PATCH /api/v1/names | token:settings
        GET /api/v1/openapi.json | viewer admin token:read
        GET /api/v1/reachability | token:read
        POST /api/v1/reachability | token:read
        GET /api/v1/rules | token:read
        PUT /api/v1/rules | token:settings
        GET /api/v1/status | token:read
        GET /assets/{name:file} | everybody
        GET /audit | viewer admin
        GET /audit/export | viewer admin
        POST /audit/retention | admin | confirmed
        GET /changes/{generation:number} | viewer admin
        POST /changes/{generation:number}/confirm | admin
        POST /changes/{generation:number}/revert | admin
        GET /devices | viewer admin
        POST /devices | admin
        GET /devices/added | admin | confirmed
        POST /devices/columns | viewer admin
        GET /devices/new | admin
        GET /devices/out-of-date | viewer admin
        POST /devices/selected | admin
        POST /devices/selected/delete | admin | confirmed
        POST /devices/selected/disable | admin
        GET /devices/{id} | viewer admin
        POST /devices/{id}/config | admin | confirmed
        GET /devices/{id}/delete | admin | confirmed
        POST /devices/{id}/delete | admin | confirmed
        POST /devices/{id}/disable | admin
        POST /devices/{id}/enable | admin
        POST /devices/{id}/installed | admin
        POST /devices/{id}/links | admin | confirmed
        POST /devices/{id}/links/{link}/revoke | admin
        GET /devices/{id}/forget-time | admin
        POST /devices/{id}/forget-time | admin
        GET /devices/{id}/live | viewer admin | passive
        POST /devices/{id}/probe | viewer admin
        POST /devices/{id}/qr | admin | confirmed
        GET /devices/{id}/rotate-key | admin
        POST /devices/{id}/rotate-key | admin
        GET /events | viewer admin | passive
        GET /expectations | viewer admin
        POST /expectations | admin
        POST /expectations/{id}/remove | admin
        GET /hand-over | entry
        GET /held-form | viewer admin
        POST /hand-over | entry
        GET /healthz | everybody
        GET /links | admin
        POST /links | admin
        GET /links/ask | viewer admin
        POST /links/ask | viewer admin
        POST /links/requests/{id}/refuse | admin
        GET /links/timed | viewer admin
        POST /links/timed/{id}/end | admin
        POST /links/timed/{id}/extend | admin
        GET /links/unused | viewer admin
        POST /links/unused | admin
        GET /login | entry
        POST /login | entry
        GET /login/code | entry
        POST /login/code | entry
        POST /login/language | entry
        POST /login/passkey | entry
        POST /logout | viewer admin
        GET /map | viewer admin
        GET /metrics | token:metrics token:read
        GET /reachability | viewer admin
        POST /reachability | viewer admin
        GET /reachability/panel | viewer admin
        GET /rules | viewer admin
        POST /rules | admin
        GET /settings/data | admin | confirmed
        POST /settings/data/backup | admin | confirmed
        GET /settings/data/devices.csv | admin
        POST /settings/data/import | admin
        POST /settings/data/import/confirm | admin
        POST /settings/data/restore | admin | confirmed
        POST /settings/data/restore/confirm | admin | confirmed
        POST /settings/data/server-file | admin | confirmed
        GET /settings/defaults | viewer admin
        POST /settings/defaults/endpoint | admin
        POST /settings/defaults | admin
        GET /settings/gateway | viewer admin
        GET /settings/names | viewer admin
        POST /settings/names | admin
        GET /settings/networks | viewer admin
        POST /settings/networks | admin
        GET /settings/{id}/edit | admin
        POST /settings/{id}/edit | admin
        GET /settings/{id}/suggestions | admin | passive
        GET /setup | entry
        POST /setup | entry
        GET /status | viewer admin
        GET /status/live | viewer admin | passive
        GET /styleguide | viewer admin
        GET /suggestions | viewer admin | passive
        GET /welcome | admin
        POST /welcome | admin
        GET /welcome/files | admin
        """
}
