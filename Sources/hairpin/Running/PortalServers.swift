// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Logging
import Net
import Portal

/// The ports of the portal: HTTP or HTTPS, and beside HTTPS perhaps a plain one that leads there.
struct PortalServers {
    let portal: Server
    private let redirect: Server?
    private let settings: ServeSettings

    /// The portal steps back for the relay and for handshakes. Measured on one core that another thread wants whole: a flood of pages over 364
    /// connections, which keeps several workers busy at once, took 6.7 % of it at 16, 5.5 % at 17 and 4.4 % at 18; half of the pages that were
    /// asked for one at a time came within 6, 10 and 6 ms.
    private static let nice: Int32 = 18

    /// Listens and serves. Throws a failure with one line when a port cannot be had.
    init(_ site: PortalSite, _ settings: ServeSettings, _ certificate: ServerCertificate?) throws {
        self.settings = settings
        var configuration = Server.Configuration(endpoint: settings.http)
        configuration.trustedProxies = settings.trustedProxies
        configuration.certificate = certificate
        configuration.nice = Self.nice
        // Ten sign-ins may wait for their password hash at once and two tests of links for their echoes, and pages must not wait behind them.
        configuration.workerCount = 14
        do {
            let portal = try Server(configuration, application: site.application, logger: Logger(label: "http"))
            self.portal = portal
            redirect = try settings.httpRedirect.map { endpoint in
                var configuration = Server.Configuration(endpoint: endpoint, option: "--http-redirect")
                configuration.workerCount = 1
                configuration.nice = Self.nice
                return try Server(
                    configuration, application: site.plainApplication(httpsPort: portal.endpoint.port), logger: Logger(label: "http-redirect"))
            }
        } catch {
            throw Failure.failed("\(error)")
        }
    }

    /// What the address of a page begins with, for somebody on this host or, where there is one, under the first name.
    var base: String {
        let listens = portal.endpoint
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
    /// SIGHUP: the files are read anew; with bad ones the server goes on with what it has.
    func reload(_ logger: Logger) {
        do {
            try reload()
            log(to: logger)
        } catch {
            logger.error("the certificate of before stays in use", metadata: ["error": "\(error)"])
        }
    }

    /// Says until when it is good, and warns when that is soon.
    func log(to logger: Logger) {
        let days = (expiry - UnixTime.now().seconds) / 86_400
        if days < 14 {
            logger.warning("the certificate of the portal is over or soon will be: renew it and send SIGHUP", metadata: ["days": "\(days)"])
        } else {
            logger.info("the portal speaks HTTPS", metadata: ["certificate_days": "\(days)"])
        }
    }
}
