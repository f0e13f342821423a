// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// Every address of the portal and of the API, with who may use it. What is not here does not exist.
enum Routes {
    static let table: [Route<Handler>] = portal + account + api

    /// Every page, for the check of the templates at the start.
    static let pages: [any TemplateFile] =
        [
            Refusal.page, DevicesPage.template, DeviceHandlers.newPage, DevicePage.template,
            DevicePage.liveTemplate, EditPage.page,
            DeviceHandlers.confirmPage, SelectionHandlers.confirmPage, DefaultsPage.page, ReachabilityPage.page, MapPage.page, StatusPage.page,
            AuditPage.page, LinksPage.page, ChangePage.page, HandOverHandlers.page, HandOverHandlers.filePage,
            NetworksPage.page, StyleguidePage.page,
        ] + accountPages

    private static let accountPages: [any TemplateFile] = [
        SetupPage.template, WelcomePage.template, WelcomeFilesPage.template, SignInPage.template, CodePage.template, ConfirmPage.template,
        AccountPage.template, AuthenticatorAppPage.template, NewPasskeyPage.template, RecoveryCodesPage.template, NewTokenPage.template,
        AdminsPage.template, NewAdminPage.template, AdminPage.template,
    ]

    private static let portal: [Route<Handler>] = [
        Route(.get, "/", Handler(.viewer) { $0.done("/devices") }),
        Route(.get, "/assets/{name:file}", Handler(.everybody) { try $0.site.assets.respond(to: $0.request, name: $0.parameters["name"]) }),
        Route(.get, "/healthz", Handler(.everybody, HealthHandlers.health)),
        Route(.get, "/metrics", Handler(.metrics, HealthHandlers.metrics)),

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
        Route(.get, "/settings/defaults", Handler(.viewer, DefaultsHandlers.show)),
        Route(.post, "/settings/defaults", Handler(.admin, fields: DefaultsPage.names, DefaultsHandlers.edit)),

        Route(.get, "/settings/networks", Handler(.viewer, NetworksHandlers.show)),
        Route(.post, "/settings/networks", Handler(.admin, fields: NetworksPage.names, NetworksHandlers.edit)),

        Route(.get, "/reachability", Handler(.viewer, OverviewHandlers.reachability)),
        Route(.post, "/reachability", Handler(.viewer, fields: ["from", "to"], ProbeHandlers.pair)),
        Route(.get, "/links", Handler(.admin, LinkHandlers.show)),
        Route(.post, "/links", Handler(.admin, fields: LinksPage.fields, LinkHandlers.change)),
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
        Route(.get, "/api/v1/devices/{id}/traffic", Handler(.token(.read), HistoryAPI.traffic)),
        Route(.get, "/api/v1/devices/{id}/sessions", Handler(.token(.read), HistoryAPI.sessions)),
        Route(.get, "/api/v1/defaults", Handler(.token(.read), HubAPI.defaults)),
        Route(.patch, "/api/v1/defaults", Handler(.token(.settings), HubAPI.changeDefaults)),
        Route(.post, "/api/v1/links", Handler(.token(.devices), LinkAPI.change)),
        Route(.post, "/api/v1/changes/{generation:number}/revert", Handler(.token(.settings), LinkAPI.revert)),
        Route(.get, "/api/v1/status", Handler(.token(.read), HubAPI.status)),
        Route(.get, "/api/v1/reachability", Handler(.token(.read), HubAPI.reachability)),
        Route(.get, "/api/v1/drops", Handler(.token(.read), HubAPI.drops)),
        Route(.get, "/api/v1/drops/pairs", Handler(.token(.read), HubAPI.pairDrops)),
        Route(.get, "/api/v1/audit", Handler(.token(.read), HubAPI.audit)),
        Route(.get, "/api/v1/openapi.json", Handler(.token(.read), HubAPI.description)),
    ]
}
