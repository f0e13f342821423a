// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Logging
import Net
import Portal

/// The listening ports of the portal: HTTP or HTTPS, and with HTTPS optionally an HTTP port that redirects to it.
struct PortalServers {
    let portal: Server
    private let redirect: Server?
    private let settings: ServeSettings

    /// The relay and handshakes have priority over the portal. Measured on one core that another thread fully uses, with a flood of page
    /// requests over 364 connections that keeps several workers busy: the portal took 6.7 % of the core at 16, 5.5 % at 17 and 4.4 % at 18.
    /// The median time of pages requested one at a time was 6, 10 and 6 ms.
    private static let nice: Int32 = 18

    /// Opens the ports and starts serving. Throws a `Failure` with one line if a port cannot be opened.
    init(_ site: PortalSite, _ settings: ServeSettings, _ certificate: ServerCertificate?) throws {
        self.settings = settings
        var configuration = Server.Configuration(settings.http)
        configuration.trustedProxies = settings.trustedProxies
        configuration.expectsProxyHeader = settings.expectsProxyHeader
        configuration.certificate = certificate
        configuration.nice = Self.nice
        // Ten sign-ins may wait for their password hash and two link tests for their echoes at the same time. Other requests must not wait
        // for them.
        configuration.workerCount = 14
        do {
            let portal = try Server(configuration, application: site.application, logger: Logger(label: "http"))
            self.portal = portal
            site.listens(on: portal.address.port, behind: settings.trustedProxies)
            redirect = try settings.httpRedirect.map { endpoint in
                var configuration = Server.Configuration(.tcp(endpoint), option: "--http-redirect")
                configuration.workerCount = 1
                configuration.nice = Self.nice
                return try Server(
                    configuration, application: site.plainApplication(httpsPort: portal.address.port ?? 443), logger: Logger(label: "http-redirect"))
            }
        } catch {
            throw Failure.failed("\(error)")
        }
    }

    /// The base URL of the portal: the configured one, or one for a user on this host or with the first configured host name. Over a Unix socket
    /// only a proxy is reached, which is expected to speak HTTPS on its usual port.
    var base: String { Self.base(of: portal.address, settings) }

    static func base(of address: ListenAddress, _ settings: ServeSettings) -> String {
        if let url = settings.portalURL { return url.description }
        guard case .tcp(let listens) = address else { return "https://\(settings.hostNames.first ?? "localhost")" }
        let scheme = settings.certificate == nil ? "http" : "https"
        if let name = settings.hostNames.first { return "\(scheme)://\(name):\(listens.port)" }
        return "\(scheme)://\(listens.address.isUnspecified ? Endpoint(address: .v4(.loopback), port: listens.port) : listens)"
    }

    func stop() {
        redirect?.stop()
        portal.stop()
    }
}

extension ServerCertificate {
    /// Handles SIGHUP: reads the certificate files again. If they are not valid, the server keeps the current certificate.
    func reload(_ logger: Logger) {
        do {
            try reload()
            log(to: logger)
        } catch {
            logger.error("the previous certificate stays in use", metadata: ["error": "\(error)"])
        }
    }

    /// Logs when the certificate expires, with a warning if that is soon.
    func log(to logger: Logger) {
        let days = (expiry - UnixTime.now().seconds) / 86_400
        if days < 14 {
            logger.warning("the certificate of the portal has expired or expires soon: renew it and send SIGHUP", metadata: ["days": "\(days)"])
        } else {
            logger.info("the portal speaks HTTPS", metadata: ["certificate_days": "\(days)"])
        }
    }
}
