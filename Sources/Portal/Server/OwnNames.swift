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
    /// The port of the portal, and the proxies that may serve it on another one. Nil until the portal listens.
    var listening: (port: UInt16, proxies: [IPPrefix])?
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

    /// The server listens on this port, and these proxies stand before it. Passkeys work from then on.
    public func listens(on port: UInt16, behind proxies: [IPPrefix]) { names.withLock { $0.listening = (port, proxies) } }

    /// The origin of the page that sent a request, as far as the hub itself can tell: the port in the Host field is the client's word, and another
    /// service of this host may have it. On the host of the portal's URL it is the origin of that URL. Elsewhere the port must be ours, unless a
    /// trusted proxy passed the request on. Nil if it is not.
    func pageOrigin(of request: Request) -> WebOrigin? {
        guard let own = WebOrigin(of: request) else { return nil }
        return names.withLock { names in
            if let origin = names.origin, origin.authority.host == own.authority.host { return origin }
            guard let (port, proxies) = names.listening else { return nil }
            let isOurs = (own.authority.port ?? (own.isTLS ? 443 : 80)) == port
            return isOurs || proxies.contains { $0.contains(request.peer.address) } ? own : nil
        }
    }

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
