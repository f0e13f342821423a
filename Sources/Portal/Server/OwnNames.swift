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
    /// The address of the portal; nil if it is not set.
    var url: PortalURL?
    /// The port of the portal, and the proxies that may serve it on another one. Without a port, at a Unix socket, every client is such a proxy. Nil
    /// until the portal listens.
    var listening: (port: UInt16?, proxies: [IPPrefix])?
    /// The pairs of origins that were logged. Bounded, because clients choose them.
    var logged: Set<[WebOrigin]> = []

    /// The endpoint that was logged as no address of this host.
    var movedEndpoint: HostPort?

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

    /// The address of the portal: the one that was set on the page Defaults, otherwise the one of the command line.
    var url: PortalURL? { names.withLock { $0.url } }

    /// The path that the portal is below; usually empty.
    var base: String { url?.path ?? "" }

    /// The origins that pages of this portal may have when they send `request`: as the request names it, with the port that a trusted proxy reports
    /// if it dropped the port of the host, and as the portal's URL says.
    func origins(of request: Request) -> [WebOrigin] {
        let named = WebOrigin(of: request)
        var origins = [named].compactMap { $0 }
        if let port = request.forwardedPort, let authority = request.authority, authority.port == nil {
            origins.append(WebOrigin(isTLS: request.isTLS, authority.with(port: port)))
        }
        if let url { origins.append(url.origin) }
        return origins
    }

    /// The origin of our pages in the browser that sent `request`, in the form that browsers use in Origin. Empty for a request without a host.
    func origin(of request: Request) -> String {
        let origins = origins(of: request)
        let page = request.fields["Origin"].flatMap { WebOrigin($0) }
        return (origins.first { $0 == page } ?? origins.first)?.description ?? ""
    }

    /// The server listens on this port, or at a Unix socket if it is nil, and these proxies stand before it. Passkeys work from then on.
    public func listens(on port: UInt16?, behind proxies: [IPPrefix]) { names.withLock { $0.listening = (port, proxies) } }

    /// The origin of the page that sent a request, as far as the hub itself can tell: the port in the Host field is the client's word, and another
    /// service of this host may have it. On the host of the portal's URL it is the origin of that URL. Elsewhere the port must be ours, unless a
    /// trusted proxy passed the request on. Nil if it is not.
    func pageOrigin(of request: Request) -> WebOrigin? {
        guard let own = WebOrigin(of: request) else { return nil }
        if let url, url.origin.authority.host == own.authority.host { return url.origin }
        guard let (port, proxies) = names.withLock({ $0.listening }) else { return nil }
        if (own.authority.port ?? (own.isTLS ? 443 : 80)) == port { return own }
        let isProxied = port == nil || proxies.contains { $0.contains(request.peer.address) }
        return isProxied ? WebOrigin(origin(of: request)) : nil
    }

    /// Reads the names again.
    func refreshHosts() {
        let engine = status()
        var known = Set(hostNames.map { $0.lowercased() }).union(engine.hostAddresses.map(\.description))
        var url = givenURL
        if let (hub, defaults) = try? database.read({ (try $0.hubIfMade(), try $0.defaults()) }) {
            known.formUnion((hub?.addresses ?? []).map(\.description))
            if let endpoint = defaults.settings.endpoint {
                known.insert(endpoint.host.lowercased())
                tellIfMoved(endpoint, engine)
            }
            url = hub?.portalURL.flatMap { PortalURL($0) } ?? url
        }
        if let host = url?.authority.host { known.insert(host) }
        names.withLock { ($0.hosts, $0.url) = (known, url) }
    }

    /// Logs once that the endpoint is no address of this host.
    private func tellIfMoved(_ endpoint: HostPort, _ engine: HubStatus) {
        let own = engine.address(insteadOf: endpoint, at: now())
        let isNew = names.withLock { names in
            defer { names.movedEndpoint = own == nil ? nil : endpoint }
            return own != nil && names.movedEndpoint != endpoint
        }
        if isNew, let own { log.warning("\(Overview.moved(endpoint, to: own))") }
    }

    /// The refusal of a form that a page of this host sent from another origin than the request names. Logs each pair once.
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
