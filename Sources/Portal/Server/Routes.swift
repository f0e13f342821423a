// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// Every address of the portal and of the API, with who may use it. What is not here does not exist.
enum Routes {
    static let table: [Route<Handler>] = portal + watching + settings + api + apiOfTheHub

    private static let watching: [Route<Handler>] =
        StatusPage.routes + Health.routes + LiveEvents.routes + MapPage.routes + ReachabilityPage.routes + AuditPage.routes + AuditExport.routes
        + StyleguidePage.routes

    private static let settings: [Route<Handler>] = DefaultsPage.routes + NetworksPage.routes + ChangePage.routes

    private static let apiOfTheHub: [Route<Handler>] = HistoryAPI.routes + HubAPI.routes + ChangeAPI.routes

    /// Every page, for the check of the templates at the start.
    static let pages: [any TemplateFile] =
        [
            Refusal.template, SignInHandlers.loginPage, SetupHandlers.page, DevicesPage.template, DeviceHandlers.newPage, DevicePage.template,
            DevicePage.liveTemplate, EditPage.page,
            DeviceHandlers.confirmPage, SelectionHandlers.confirmPage, DefaultsPage.template, ReachabilityPage.template, MapPage.template,
            StatusPage.template, AuditPage.template, LinksPage.page, ChangePage.template, HandOverHandlers.page, HandOverHandlers.filePage,
            WelcomeHandlers.page,
            WelcomePage.page, NetworksPage.template, StyleguidePage.template,
        ] + accountPages

    private static let accountPages: [any TemplateFile] = [
        AdminHandlers.listPage, AdminHandlers.newPage, AdminHandlers.page, AccountHandlers.page, ConfirmHandlers.page, TokenHandlers.page,
        SecondFactorSignIn.page, SecondFactorHandlers.appPage, SecondFactorHandlers.codesPage, SecondFactorHandlers.passkeyPage,
    ]

    private static let portal: [Route<Handler>] = [
        Route(.get, "/", Handler(.viewer) { $0.done("/devices") }),
        Route(.get, "/assets/{name:file}", Handler(.everybody) { try $0.site.assets.respond(to: $0.request, name: $0.parameters["name"]) }),

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

        Route(.get, "/devices", Handler(.viewer, DeviceHandlers.list)),
        Route(.get, "/devices/new", Handler(.admin, DeviceHandlers.newForm)),
        Route(
            .post, "/devices",
            Handler(.admin, fields: ["name", "description", "tags", "public_key", "keep_private_key", "ipv4", "ipv6"], DeviceHandlers.add)),
        Route(
            .post, "/devices/selected",
            Handler(.admin, fields: DeviceSelection.names.union(["action"]), lists: ["device"], SelectionHandlers.act)),
        Route(
            .post, "/devices/selected/delete",
            Handler(.admin, confirmed: true, fields: DeviceSelection.names.union(["count"]), lists: ["device"], SelectionHandlers.delete)),
        Route(.get, "/devices/{id}", Handler(.viewer, DeviceHandlers.show)),
        Route(.get, "/devices/{id}/live", Handler(.viewer, passive: true, DeviceHandlers.live)),
        Route(.get, "/devices/{id}/config", Handler(.admin, confirmed: true, DeviceHandlers.config)),
        Route(.get, "/devices/{id}/qr.svg", Handler(.admin, confirmed: true, DeviceHandlers.qrCode)),
        Route(.post, "/devices/{id}/enable", Handler(.admin) { try DeviceHandlers.setEnabled(true, $0) }),
        Route(.post, "/devices/{id}/disable", Handler(.admin) { try DeviceHandlers.setEnabled(false, $0) }),
        Route(.get, "/devices/{id}/delete", Handler(.admin, confirmed: true, DeviceHandlers.confirmDelete)),
        Route(.post, "/devices/{id}/delete", Handler(.admin, confirmed: true, DeviceHandlers.delete)),
        Route(.get, "/devices/{id}/rotate-key", Handler(.admin, DeviceHandlers.confirmRotation)),
        Route(.post, "/devices/{id}/rotate-key", Handler(.admin, fields: ["keep_private_key"], DeviceHandlers.rotateKey)),
        Route(.post, "/devices/{id}/links", Handler(.admin, confirmed: true, fields: ["minutes"], HandOverHandlers.make)),
        Route(.post, "/devices/{id}/links/{link}/revoke", Handler(.admin, HandOverHandlers.revoke)),
        Route(.get, "/hand-over", Handler(.entry, HandOverHandlers.show)),
        Route(.post, "/hand-over", Handler(.entry, fields: ["token"], HandOverHandlers.reveal)),
        Route(.post, "/devices/{id}/probe", Handler(.viewer, fields: ["to"], ProbeHandlers.device)),

        Route(.get, "/settings/{id}/edit", Handler(.admin, SettingsHandlers.editForm)),
        Route(.post, "/settings/{id}/edit", Handler(.admin, fields: EditPage.names, SettingsHandlers.edit)),

        Route(.get, "/links", Handler(.admin, LinkHandlers.show)),
        Route(.post, "/links", Handler(.admin, fields: LinksPage.fields, LinkHandlers.change)),

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
        Route(.get, "/api/v1/devices", Handler(.token(.read), DeviceAPI.list)),
        Route(.post, "/api/v1/devices", Handler(.token(.devices), DeviceAPI.add)),
        Route(.get, "/api/v1/devices/{id}", Handler(.token(.read), DeviceAPI.show)),
        Route(.patch, "/api/v1/devices/{id}", Handler(.token(.devices), DeviceAPI.change)),
        Route(.delete, "/api/v1/devices/{id}", Handler(.token(.devices), DeviceAPI.remove)),
        Route(.get, "/api/v1/devices/{id}/config", Handler(.token(.devices), DeviceHandlers.config)),
        Route(.get, "/api/v1/devices/{id}/qr.svg", Handler(.token(.devices), DeviceHandlers.qrCode)),
        Route(.post, "/api/v1/devices/{id}/rotate-key", Handler(.token(.devices), DeviceAPI.rotateKey)),
        Route(.post, "/api/v1/devices/{id}/probe", Handler(.token(.read), ProbeHandlers.api)),
        Route(.post, "/api/v1/links", Handler(.token(.devices), LinkAPI.change)),
    ]
}
