// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// Every address of the portal and of the API, with who may use it. What is not here does not exist.
enum Routes {
    static let table: [Route<Handler>] = portal + devices + api + deviceAPI

    /// Every page, for the check of the templates at the start.
    static let pages: [any TemplateFile] =
        [
            Refusal.page, SignInHandlers.loginPage, SetupHandlers.page, DevicesPage.template, NewDevicePage.template, DevicePage.template,
            DevicePage.liveTemplate, EditPage.template,
            ConfirmDevicePage.template, SelectionPage.template, DefaultsPage.page, ReachabilityPage.page, MapPage.page, StatusPage.page,
            AuditPage.page, LinksPage.template, ChangePage.page, HandOverPage.template, HandedOverPage.template, WelcomeHandlers.page,
            WelcomePage.page, NetworksPage.page, StyleguidePage.page,
        ] + accountPages

    private static let accountPages: [any TemplateFile] = [
        AdminHandlers.listPage, AdminHandlers.newPage, AdminHandlers.page, AccountHandlers.page, ConfirmHandlers.page, TokenHandlers.page,
        SecondFactorSignIn.page, SecondFactorHandlers.appPage, SecondFactorHandlers.codesPage, SecondFactorHandlers.passkeyPage,
    ]

    private static let devices =
        DevicesPage.routes + NewDevicePage.routes + SelectionPage.routes + DevicePage.routes + DeviceFile.routes + ConfirmDevicePage.routes
        + HandOver.routes + Probe.routes + EditPage.routes + LinksPage.routes

    private static let deviceAPI = DeviceAPI.routes + DeviceFile.apiRoutes + Probe.apiRoutes + LinkAPI.routes

    private static let portal: [Route<Handler>] = [
        Route(.get, "/", Handler(.viewer) { $0.done("/devices") }),
        Route(.get, "/assets/{name:file}", Handler(.everybody) { try $0.site.assets.respond(to: $0.request, name: $0.parameters["name"]) }),
        Route(.get, "/healthz", Handler(.everybody, HealthHandlers.health)),
        Route(.get, "/metrics", Handler(.metrics, HealthHandlers.metrics)),

        Route(.get, "/setup", Handler(.entry, SetupHandlers.show)),
        Route(.post, "/setup", Handler(.entry, fields: ["token", "email", "password", "endpoint", AddressRange.field], SetupHandlers.setUp)),
        Route(.get, "/login", Handler(.entry, SignInHandlers.show)),
        Route(.post, "/login", Handler(.entry, fields: ["email", "password", "next"], SignInHandlers.signIn)),
        Route(.get, "/login/code", Handler(.entry, SecondFactorSignIn.show)),
        Route(.post, "/login/code", Handler(.entry, fields: ["code", "next"], SecondFactorSignIn.code)),
        Route(.post, "/login/passkey", Handler(.entry, fields: PasskeyRequest.signatureFields, SecondFactorSignIn.passkey)),
        Route(.post, "/login/language", Handler(.entry, fields: ["language", "next"], AccountHandlers.setLanguage)),
        Route(.post, "/logout", Handler(.viewer, SignInHandlers.signOut)),

        Route(.get, "/welcome", Handler(.admin, WelcomeHandlers.show)),
        Route(.post, "/welcome", Handler(.admin, fields: Set(WelcomeHandlers.names), WelcomeHandlers.add)),
        Route(.get, "/welcome/files", Handler(.admin, confirmed: true, WelcomeHandlers.files)),

        Route(.get, "/settings/defaults", Handler(.viewer, DefaultsHandlers.show)),
        Route(.post, "/settings/defaults", Handler(.admin, fields: DefaultsPage.names, DefaultsHandlers.edit)),

        Route(.get, "/settings/networks", Handler(.viewer, NetworksHandlers.show)),
        Route(.post, "/settings/networks", Handler(.admin, fields: NetworksPage.names, NetworksHandlers.edit)),

        Route(.get, "/reachability", Handler(.viewer, OverviewHandlers.reachability)),
        Route(.get, "/changes/{generation:number}", Handler(.viewer, ChangeHandlers.show)),
        Route(.post, "/changes/{generation:number}/revert", Handler(.admin, ChangeHandlers.revert)),
        Route(.post, "/changes/{generation:number}/confirm", Handler(.admin, ChangeHandlers.confirm)),
        Route(.get, "/map", Handler(.viewer, OverviewHandlers.map)),
        Route(.get, "/status", Handler(.viewer, OverviewHandlers.status)),
        Route(.get, "/audit", Handler(.viewer, AuditHandlers.show)),
        Route(.get, "/audit/export", Handler(.viewer, AuditHandlers.export)),
        Route(.post, "/audit/retention", Handler(.admin, confirmed: true, fields: ["days"], AuditHandlers.setRetention)),
        Route(.get, "/styleguide", Handler(.viewer, StyleguidePage.show)),
        Route(.get, "/events", Handler(.viewer, passive: true, LiveEvents.open)),

        Route(.get, "/admins", Handler(.admin, AdminHandlers.list)),
        Route(.get, "/admins/new", Handler(.admin, confirmed: true, AdminHandlers.newForm)),
        Route(.post, "/admins/new", Handler(.admin, confirmed: true, fields: ["email", "role", "password"], AdminHandlers.add)),
        Route(.get, "/admins/{id}", Handler(.admin, confirmed: true, AdminHandlers.show)),
        Route(.post, "/admins/{id}/role", Handler(.admin, confirmed: true, fields: ["role"], AdminHandlers.setRole)),
        Route(.post, "/admins/{id}/enable", Handler(.admin, confirmed: true) { try AdminHandlers.setDisabled(false, $0) }),
        Route(.post, "/admins/{id}/disable", Handler(.admin, confirmed: true) { try AdminHandlers.setDisabled(true, $0) }),
        Route(.post, "/admins/{id}/end-sessions", Handler(.admin, confirmed: true, AdminHandlers.endSessions)),
        Route(.post, "/admins/{id}/remove-second-factors", Handler(.admin, confirmed: true, AdminHandlers.removeSecondFactors)),
        Route(.post, "/admins/second-factors", Handler(.admin, confirmed: true, fields: ["required"], AdminHandlers.requireSecondFactors)),
        Route(.post, "/admins/{id}/remove", Handler(.admin, confirmed: true, AdminHandlers.remove)),

        Route(.get, "/account", Handler(.viewer, AccountHandlers.show)),
        Route(.get, "/account/confirm", Handler(.viewer, ConfirmHandlers.show)),
        Route(.post, "/account/confirm", Handler(.viewer, fields: ["password", "code", "next"], ConfirmHandlers.confirm)),
        Route(.post, "/account/confirm/passkey", Handler(.viewer, fields: PasskeyRequest.signatureFields, ConfirmHandlers.passkey)),
        Route(.get, "/account/totp/new", Handler(.viewer, confirmed: true, SecondFactorHandlers.appForm)),
        Route(.post, "/account/totp/new", Handler(.viewer, confirmed: true, fields: ["code"], SecondFactorHandlers.addApp)),
        Route(.post, "/account/totp/remove", Handler(.viewer, confirmed: true, SecondFactorHandlers.removeApp)),
        Route(.get, "/account/recovery-codes", Handler(.viewer, confirmed: true, SecondFactorHandlers.codes)),
        Route(.post, "/account/recovery-codes", Handler(.viewer, confirmed: true, SecondFactorHandlers.makeCodes)),
        Route(.get, "/account/passkeys/new", Handler(.viewer, confirmed: true, SecondFactorHandlers.passkeyForm)),
        Route(
            .post, "/account/passkeys/new",
            Handler(.viewer, confirmed: true, fields: PasskeyRequest.registrationFields, SecondFactorHandlers.addPasskey)),
        Route(.post, "/account/passkeys/{id}/rename", Handler(.viewer, fields: ["name"], SecondFactorHandlers.renamePasskey)),
        Route(.post, "/account/passkeys/{id}/remove", Handler(.viewer, confirmed: true, SecondFactorHandlers.removePasskey)),
        Route(.post, "/account/password", Handler(.viewer, fields: ["current_password", "new_password"], AccountHandlers.changePassword)),
        Route(.post, "/account/theme", Handler(.viewer, fields: ["theme", "next"], AccountHandlers.setTheme)),
        Route(.post, "/account/language", Handler(.viewer, fields: ["language", "next"], AccountHandlers.setLanguage)),
        Route(.post, "/account/sessions/end-others", Handler(.viewer, AccountHandlers.endOtherSessions)),
        Route(.post, "/account/sessions/{id}/end", Handler(.viewer, AccountHandlers.endSession)),
        Route(.get, "/account/tokens/new", Handler(.admin, confirmed: true, TokenHandlers.newForm)),
        Route(.post, "/account/tokens/new", Handler(.admin, confirmed: true, fields: TokenHandlers.names, TokenHandlers.add)),
        Route(.post, "/account/tokens/{id}/revoke", Handler(.admin, TokenHandlers.revoke)),
    ]

    private static let api: [Route<Handler>] = [
        Route(.get, "/api/v1/devices/{id}/traffic", Handler(.token(.read), HistoryAPI.traffic)),
        Route(.get, "/api/v1/devices/{id}/sessions", Handler(.token(.read), HistoryAPI.sessions)),
        Route(.get, "/api/v1/defaults", Handler(.token(.read), HubAPI.defaults)),
        Route(.patch, "/api/v1/defaults", Handler(.token(.settings), HubAPI.changeDefaults)),
        Route(.get, "/api/v1/status", Handler(.token(.read), HubAPI.status)),
        Route(.get, "/api/v1/reachability", Handler(.token(.read), HubAPI.reachability)),
        Route(.get, "/api/v1/drops", Handler(.token(.read), HubAPI.drops)),
        Route(.get, "/api/v1/drops/pairs", Handler(.token(.read), HubAPI.pairDrops)),
        Route(.get, "/api/v1/audit", Handler(.token(.read), HubAPI.audit)),
        Route(.get, "/api/v1/openapi.json", Handler(.token(.read), HubAPI.description)),
    ]
}
