// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

@testable import Portal

/// A request for every page of the portal, and for the forms that answer with a page or write many devices.
struct PageRequests {
    struct One {
        let method: String
        let path: String
        let form: String?
        /// False if it changes what the next one would do.
        let isRepeatable: Bool
        /// The name that is printed.
        let name: String
    }

    private(set) var all: [One] = []
    /// Paths of pages that no request covers.
    let unasked: [String]

    /// Paths that do not exist on a hub with devices and admins, that need a special token, or that are not pages.
    private static let others: Set = ["/assets/{name:file}", "/setup", "/hand-over", "/held-form", "/events"]

    init(_ hub: BenchmarkHub) {
        let (some, other) = (hub.busy, hub.devices[hub.devices.count / 3])
        let account = (try? hub.database.read { try $0.accounts() })?.first?.id ?? ""
        let words = [
            ("{A}", some.id), ("{B}", other.id), ("{ACCOUNT}", account), ("{C}", hub.devices[0].id), ("{NAME}", some.name), ("{OTHER}", other.name),
        ]
        let fill = { (text: String) in words.reduce(text) { $0.replacing($1.0, with: $1.1) } }
        for path in Self.pages {
            all.append(One(method: "GET", path: fill(path), form: nil, isRepeatable: true, name: "GET \(path)"))
        }
        for (path, form) in Self.forms {
            let name = "POST \(path) \(form.prefix(40))"
            all.append(One(method: "POST", path: fill(path), form: fill(form), isRepeatable: true, name: name))
        }
        for (path, form) in Self.writes {
            let name = "POST \(path) \(form.prefix(40))"
            all.append(One(method: "POST", path: fill(path), form: fill(form), isRepeatable: false, name: name))
        }
        let router = Router(Routes.table)
        let asked = Set(
            all.filter { $0.method == "GET" }.compactMap { one -> String? in
                let segments = one.path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
                guard case .found(let route, _) = router.match(.get, segments) else { return nil }
                return route.pattern.text
            })
        unasked = Routes.table.filter { $0.method == .get && !$0.pattern.text.hasPrefix("/api/") }.map(\.pattern.text).filter {
            !asked.contains($0) && !Self.others.contains($0)
        }
    }

    private static let pages = [
        "/", "/healthz", "/metrics", "/login", "/login/code", "/welcome", "/welcome/files?first={A}&second={B}",
        "/devices", "/devices?page=100", "/devices?sort=-rate", "/devices?sort=-seen", "/devices?state=online", "/devices?state=no_data",
        "/devices?q=1077", "/devices?tag=field", "/devices?selected=all", "/devices/out-of-date",
        "/devices/new", "/devices/{A}", "/devices/{A}?range=1h",
        "/devices/{A}?range=1y", "/devices/{C}", "/devices/{A}/live",
        "/devices/{A}/delete", "/devices/{A}/rotate-key", "/settings/{A}/edit", "/settings/{C}/edit", "/settings/defaults", "/settings/networks",
        "/settings/names",
        "/reachability", "/reachability?rows=500&columns=3", "/reachability?q=1077", "/reachability?tag=site-3",
        "/reachability?only=one-sided&tag=site-3", "/reachability?from={A}&to={B}", "/links", "/links?a={NAME}&b={OTHER}",
        "/links?a={NAME}&b={OTHER}&do=unlink", "/changes/1", "/changes/2", "/changes/3", "/changes/4",
        "/changes/16", "/map", "/map?tag=site-3", "/map?tag=site-3&tag=field", "/map?tag=field&page=2", "/map?page=2", "/status", "/audit",
        "/audit?q=device", "/audit/export?format=csv", "/admins", "/admins/new", "/admins/{ACCOUNT}", "/account", "/account/confirm",
        "/account/totp/new", "/account/recovery-codes", "/account/passkeys/new", "/account/tokens/new", "/styleguide",
    ]

    /// Requests that return a page and change nothing.
    private static let forms = [
        (
            "/settings/{A}/edit",
            "step=preview&name=x&enabled=on&allowed_ips_source=default&persistent_keepalive_source=default&endpoint_source=default"
                + "&dns_source=default&mtu_source=default"
        ),
        ("/settings/defaults", "step=preview&allowed_ips=10.0.0.0/9&persistent_keepalive=20&endpoint=hub.example.org"),
        ("/links", "step=preview&a={OTHER}&b=tag:site-3&do=link"),
        ("/links", "step=preview&a={OTHER}&b=all&do=link&networks=on"),
        ("/devices/selected", "action=delete&all=on"),
        ("/devices/selected", "action=delete&all=on&tag=field"),
        ("/devices/{A}/probe", "to={B}"),
        ("/reachability", "from={A}&to={B}"),
    ]

    /// One transaction each, with all rules for each device.
    private static let writes = [
        ("/devices/selected", "action=disable&all=on&tag=site-3"),
        ("/devices/selected", "action=disable&all=on"),
        ("/settings/defaults", "allowed_ips=10.0.0.0/9&persistent_keepalive=20&endpoint=hub.example.org"),
    ]
}
