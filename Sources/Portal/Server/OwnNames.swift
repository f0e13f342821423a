// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Logging
import Net
import Store
import Synchronization
import Words

/// The hosts and origins under which browsers reach the portal.
struct OwnNames {
    var hosts: Set<String> = []
    /// The origin of the portal's URL; nil if it is not set.
    var origin: WebOrigin?
    /// The pairs of origins that were logged. Bounded, because clients choose them.
    var logged: Set<[WebOrigin]> = []

    static let maximumLogged = 16
}

extension PortalSite {
    /// True for names and addresses of this hub. Any other name may be a foreign one that points to us (DNS rebinding).
    func accepts(_ authority: Authority) -> Bool {
        if authority.host == "localhost" || IPAddress(authority.host)?.isLoopback == true { return true }
        guard names.withLock({ $0.hosts.contains(authority.host) }) else {
            refusals.note(.hosts, ["host": "\(authority.host.first(bytes: 120))"])
            return false
        }
        return true
    }

    /// True for the origin of the portal's URL. A request may name another one, if a proxy changes its host or port.
    func isOwn(_ origin: WebOrigin) -> Bool { names.withLock { $0.origin == origin } }

    /// Reads the names again.
    func refreshHosts() {
        let engine = status()
        var known = Set(hostNames.map { $0.lowercased() }).union(engine.hostAddresses.map(\.description))
        var origin: WebOrigin?
        if let (hub, defaults) = try? database.read({ (try $0.hubIfMade(), try $0.defaults()) }) {
            known.formUnion((hub?.addresses ?? []).map(\.description))
            if let host = defaults.settings.endpoint?.host { known.insert(host.lowercased()) }
            origin = hub?.portalURL.flatMap(Self.origin)
        }
        if let host = origin?.authority.host { known.insert(host) }
        names.withLock { ($0.hosts, $0.origin) = (known, origin) }
    }

    private static func origin(ofURL url: String) -> WebOrigin? {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count < 3 ? nil : WebOrigin(parts[..<3].joined(separator: "/"))
    }

    /// The refusal of a form that a page of this host sent, but of another origin than the request names. Logs each pair once.
    func mismatch(_ origin: WebOrigin, _ request: Request) -> HTTPError {
        let own = WebOrigin(of: request) ?? origin
        let isNew = names.withLock { $0.logged.count < OwnNames.maximumLogged && $0.logged.insert([origin, own]).inserted }
        if isNew {
            log.warning(
                """
                a form was refused, because its page has another origin than the request: does a proxy change the Host field or the scheme? \
                Set the portal's URL to the origin of the page, or let the proxy pass on Host and X-Forwarded-Proto
                """, metadata: ["page": "\(origin)", "request": "\(own)", "peer": "\(request.peer)"])
        }
        return HTTPError(
            .forbidden,
            "Your browser sent this form from \(origin.description), but the request arrived for \(own.description). A proxy changes the host, the port or the scheme. Let it pass on the Host field (nginx: proxy_set_header Host $http_host) and X-Forwarded-Proto, or set the portal's URL on the page Defaults to \(origin.description)."
        )
    }
}
