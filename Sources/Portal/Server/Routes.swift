// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// Every address of the portal and of the API, with who may use it. What is not here does not exist.
enum Routes {
    static let table: [Route<Handler>] = portal + watching + settings + account + api + apiOfTheHub

    private static let watching: [Route<Handler>] =
        StatusPage.routes + Health.routes + LiveEvents.routes + MapPage.routes + ReachabilityPage.routes + AuditPage.routes + AuditExport.routes
        + StyleguidePage.routes

    private static let settings: [Route<Handler>] = DefaultsPage.routes + NetworksPage.routes + ChangePage.routes

    private static let apiOfTheHub: [Route<Handler>] = HistoryAPI.routes + HubAPI.routes + ChangeAPI.routes

    /// Every page, for the check of the templates at the start.
    static let pages: [any TemplateFile] =
        [
            Refusal.template, DevicesPage.template, DeviceHandlers.newPage, DevicePage.template,
            DevicePage.liveTemplate, EditPage.page,
            DeviceHandlers.confirmPage, SelectionHandlers.confirmPage, DefaultsPage.template, ReachabilityPage.template, MapPage.template,
            StatusPage.template, AuditPage.template, LinksPage.page, ChangePage.template, HandOverHandlers.page, HandOverHandlers.filePage,
            NetworksPage.template, StyleguidePage.template,
        ] + accountPages

    private static let accountPages: [any TemplateFile] = [
        SetupPage.template, WelcomePage.template, WelcomeFilesPage.template, SignInPage.template, CodePage.template, ConfirmPage.template,
        AccountPage.template, AuthenticatorAppPage.template, NewPasskeyPage.template, RecoveryCodesPage.template, NewTokenPage.template,
        AdminsPage.template, NewAdminPage.template, AdminPage.template,
    ]

    private static let portal: [Route<Handler>] = [
        Route(.get, "/", Handler(.viewer) { $0.done("/devices") }),
        Route(.get, "/assets/{name:file}", Handler(.everybody) { try $0.site.assets.respond(to: $0.request, name: $0.parameters["name"]) }),

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
    ]

    private static let account: [Route<Handler>] = [
        SetupPage.routes, WelcomePage.routes, WelcomeFilesPage.routes, SignInPage.routes, CodePage.routes, ConfirmPage.routes, AccountPage.routes,
        AuthenticatorAppPage.routes, NewPasskeyPage.routes, RecoveryCodesPage.routes, NewTokenPage.routes, AdminsPage.routes, NewAdminPage.routes,
        AdminPage.routes,
    ].flatMap { $0 }

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
