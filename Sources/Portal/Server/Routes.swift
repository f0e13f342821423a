// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Templates

/// Every path of the portal and the API, and who may use it: the routes of each page, put together. A path that is not listed here does not exist.
/// Tests/PortalTests/RouteListing.swift has the whole table as one list.
enum Routes {
    static let table: [Route<Handler>] = [site, entry, devices, network, hub, account, api].flatMap { $0 }

    /// The template of every page, so that all of them are checked at the start.
    static let pages: [any TemplateFile] = [
        Refusal.template,
        SetupPage.template, WelcomePage.template, WelcomeFilesPage.template, SignInPage.template, CodePage.template, ConfirmPage.template,
        HeldFormPage.template, OutdatedPage.template,
        DevicesPage.template, AddDevicesPage.template, AddedDevicesPage.template, DevicePage.template,
        DevicePage.liveTemplate, FilePage.template, EditPage.template, ConfirmDevicePage.template,
        SelectionPage.template, SharedFilesPage.template, CodesPage.template, HandOverPage.template, HandedOverPage.template, LinksPage.template,
        TimedLinksPage.template, AskForLinkPage.template, UnusedLinksPage.template, SuggestionsPage.template, ExpectationsPage.template,
        BreachPage.template,
        LinkPanel.template, ReachabilityPage.template, RulesPage.template, MapPage.template, ChangePage.template,
        StatusPage.template, StatusPage.liveTemplate, AuditPage.template, DefaultsPage.template, NetworksPage.template, NamesPage.template,
        GatewayPage.template,
        StyleguidePage.template,
        AccountPage.template, AuthenticatorAppPage.template, NewPasskeyPage.template, RecoveryCodesPage.template, NewTokenPage.template,
        AdminsPage.template, NewAdminPage.template, AdminPage.template, ConfirmRemovalPage.template,
        DataPage.template, RestorePage.template, ImportPage.template,
    ]

    private static let site: [Route<Handler>] = [
        Route(.get, "/", Handler(.viewer) { $0.done("/devices") }),
        Route(.get, "/assets/{name:file}", Handler(.everybody) { try $0.site.assets.respond(to: $0.request, name: $0.parameters["name"]) }),
    ]

    private static let entry = [
        SetupPage.routes, WelcomePage.routes, WelcomeFilesPage.routes, SignInPage.routes, CodePage.routes, ConfirmPage.routes,
        HeldFormPage.routes,
    ].flatMap { $0 }

    private static let devices = [
        DevicesPage.routes, OutdatedPage.routes, AddDevicesPage.routes, AddedDevicesPage.routes, SelectionPage.routes,
        DevicePage.routes, DeviceFile.routes, ConfirmDevicePage.routes,
        HandOver.routes, Probe.routes, EditPage.routes,
    ].flatMap { $0 }

    private static let network = [
        LinksPage.routes, TimedLinksPage.routes, AskForLinkPage.routes, UnusedLinksPage.routes, SuggestionsPage.routes, ReachabilityPage.routes,
        LinkPanel.routes, MapPage.routes, ChangePage.routes, ExpectationsPage.routes, RulesPage.routes,
    ].flatMap { $0 }

    private static let hub = [
        StatusPage.routes, Health.routes, LiveEvents.routes, AuditPage.routes, AuditExport.routes, DefaultsPage.routes, EndpointNotice.routes,
        NetworksPage.routes, NamesPage.routes, GatewayPage.routes, StyleguidePage.routes, DataPage.routes, RestorePage.routes, ImportPage.routes,
        HubExport.routes,
    ].flatMap { $0 }

    private static let account = [
        AccountPage.routes, AuthenticatorAppPage.routes, NewPasskeyPage.routes, RecoveryCodesPage.routes, NewTokenPage.routes, AdminsPage.routes,
        NewAdminPage.routes, AdminPage.routes, ConfirmRemovalPage.routes,
    ].flatMap { $0 }

    private static let api = [
        DeviceAPI.routes, DeviceFile.apiRoutes, Probe.apiRoutes, HistoryAPI.routes, HubAPI.routes, NamesAPI.routes, ChangeAPI.routes,
        ExpectationAPI.routes, RulesAPI.routes,
    ].flatMap { $0 }
}
