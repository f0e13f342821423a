// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Crypto
import HTTP
import Linux
import Net
import Portal

/// The options of `hairpin serve` as text. `ServeSettings` parses them.
struct ServeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the portal listens: host:port, or unix:/path for a proxy on this host. Port 0 picks a free one. (default: 127.0.0.1:8080)",
            valueName: "address"))
    var http: String?
    @Option(help: ArgumentHelp("Where WireGuard listens; port 0 picks a free one. (default: [::]:51820)", valueName: "host:port"))
    var wireguard: String?
    @Option(help: ArgumentHelp("First start only: the endpoint that devices connect to.", valueName: "host[:port]"))
    var endpoint: String?
    @Option(help: ArgumentHelp("First start only: the tunnel network. (default: 10.3.2.0/24, or one that this host is not in)", valueName: "cidr"))
    var network: String?
    @Option(help: ArgumentHelp("First start only: the IPv6 tunnel network, or off. (default: fd00::3:2:0/120)", valueName: "cidr"))
    var network6: String?
    @Option(help: ArgumentHelp("Threads that relay packets. (default: one per core)", valueName: "n"))
    var workers: String?
    @Option(help: ArgumentHelp("What `wg show` calls the hub. (default: hairpin0)", valueName: "name"))
    var interface: String?
    @Option(
        help: ArgumentHelp(
            "Lets this host take part in the tunnel, through a TUN interface of this name; needs CAP_NET_ADMIN. (default: off)", valueName: "name"))
    var tun: String?
    @Option(
        help: ArgumentHelp(
            "With --tun: off keeps devices from the Internet; on lets them leave with this host's addresses. (default: on)", valueName: "on|off"))
    var egress: String?
    @Option(help: ArgumentHelp("Certificate with its chain, in PEM: the portal then serves HTTPS. Reloaded on SIGHUP.", valueName: "file"))
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("Private key of that certificate.", valueName: "file"))
    var tlsKey: String?
    @Option(help: ArgumentHelp("With HTTPS: a plain HTTP port that redirects pages to HTTPS and refuses the API.", valueName: "host:port"))
    var httpRedirect: String?
    @Option(help: ArgumentHelp("Another host name under which the portal is reached; repeatable.", valueName: "name"))
    var hostName: [String] = []
    @Option(
        help: ArgumentHelp("The address of the portal in browsers, also below a path, until one is set on the page Defaults.", valueName: "url"))
    var portalUrl: String?
    @Option(help: ArgumentHelp("Proxies whose X-Forwarded-For and -Proto are trusted; repeatable.", valueName: "cidr"))
    var trustedProxy: [String] = []
    @Flag(help: "Connections of trusted proxies begin with a PROXY header (version 1 or 2).")
    var proxyProtocol = false
    @Option(help: ArgumentHelp("Library that encrypts packets: auto, ipsec-mb, openssl or sodium. (default: auto)", valueName: "library"))
    var aead: String?
    @Flag(help: "Send every datagram separately instead of in batches that the kernel segments (GSO).")
    var noGso = false
    @Flag(help: "Receive every datagram separately instead of in batches that the kernel merges (GRO).")
    var noGro = false
    @Flag(help: "Send no ICMP errors for dropped packets. Pings to the hub are still answered.")
    var noIcmp = false
    @Flag(help: "Do not decrement TTL and hop limit of relayed packets. Nothing then stops routing loops.")
    var keepTtl = false
}

/// The parsed options of `hairpin serve`.
struct ServeSettings {
    var http: ListenAddress
    var certificate: (file: String, key: String)?
    var httpRedirect: Endpoint?
    var hostNames: [String]
    var portalURL: PortalURL?
    var wireguard: Endpoint
    var endpoint: HostPort?
    /// Nil means that the first start chooses the network.
    var network: IPPrefix?
    var network6: IPPrefix?
    /// True if the first start makes a hub without an IPv6 network.
    var isWithoutIPv6: Bool
    var workers: Int
    var interface: String
    /// The name of the TUN interface to the host; nil for a hub without one.
    var tun: String?
    /// Whether devices may leave to the Internet through that interface.
    var hasEgress: Bool
    var trustedProxies: [IPPrefix]
    var expectsProxyHeader: Bool
    var aead: AEADImplementation
    var segmentsSent: Bool
    var mergesReceived: Bool
    var sendsICMPErrors: Bool
    var lowersHopLimit: Bool

    /// Parses the options. Throws a usage failure that names the option and gives an example.
    init(_ options: ServeOptions) throws {
        http = try OptionValue.parse(
            options.http, "http", example: "127.0.0.1:8080 or unix:/run/hairpin/portal.sock",
            fallback: .tcp(Endpoint(address: .v4(.loopback), port: 8080))
        ) { ListenAddress($0) }
        certificate = try Self.certificate(options)
        if certificate != nil, http.port == nil {
            throw Failure.usage("--http \(http) is for a proxy, which speaks HTTPS itself: leave out --tls-certificate and --tls-key.")
        }
        httpRedirect = try OptionValue.parse(options.httpRedirect, "http-redirect", example: "[::]:80", OptionValue.listen)
        if httpRedirect != nil, certificate == nil {
            throw Failure.usage("--http-redirect needs HTTPS: give --tls-certificate and --tls-key too.")
        }
        hostNames = try OptionValue.list(options.hostName, "host-name", example: "hub.example.org") { text in
            Authority(text).flatMap { $0.port == nil && !text.hasSuffix(":") ? $0.host : nil }
        }
        portalURL = try OptionValue.parse(options.portalUrl, "portal-url", example: "https://hub.example.org or https://example.org/vpn") {
            PortalURL($0)
        }
        wireguard = try Self.wireguard(options.wireguard)
        endpoint = try OptionValue.parse(options.endpoint, "endpoint", example: "hub.example.org:51820") { HostPort($0) }
        network = try Self.network(options.network)
        (network6, isWithoutIPv6) = try Self.network6(options.network6)
        workers = try OptionValue.parse(options.workers, "workers", example: "2", fallback: ProcessEnvironment.coreCount) { text in
            Int(text).flatMap { (1...256).contains($0) ? $0 : nil }
        }
        interface = try OptionValue.parse(options.interface, "interface", example: "hairpin0", fallback: "hairpin0", Self.interface)
        tun = try OptionValue.parse(options.tun, "tun", example: "hairpin0", Self.interface)
        hasEgress = try OptionValue.parse(options.egress, "egress", example: "on or off", fallback: tun != nil) { text in
            ["on": true, "off": false][text]
        }
        if hasEgress, tun == nil { throw Failure.usage("--egress on needs an interface to this host: give --tun too.") }
        trustedProxies = try OptionValue.list(options.trustedProxy, "trusted-proxy", example: "192.0.2.1/32") { IPPrefix($0) }
        expectsProxyHeader = options.proxyProtocol || ProcessEnvironment.value("HAIRPIN_PROXY_PROTOCOL") != nil
        if expectsProxyHeader, trustedProxies.isEmpty, http.port != nil {
            throw Failure.usage("--proxy-protocol needs the address of the proxy: give --trusted-proxy too.")
        }
        aead = try OptionValue.parse(options.aead, "aead", example: "auto, ipsec-mb, openssl or sodium", fallback: .fastest) { text in
            text == "auto" ? .fastest : AEADImplementation(rawValue: text).flatMap { $0.isAvailable && $0.passesSelfTest ? $0 : nil }
        }
        segmentsSent = !options.noGso && ProcessEnvironment.value("HAIRPIN_NO_GSO") == nil
        mergesReceived = !options.noGro && ProcessEnvironment.value("HAIRPIN_NO_GRO") == nil
        sendsICMPErrors = !options.noIcmp && ProcessEnvironment.value("HAIRPIN_NO_ICMP") == nil
        lowersHopLimit = !options.keepTtl && ProcessEnvironment.value("HAIRPIN_KEEP_TTL") == nil
    }

    /// The certificate and key files. Both must be given, or neither.
    private static func certificate(_ options: ServeOptions) throws -> (file: String, key: String)? {
        switch (OptionValue.text(options.tlsCertificate, "tls-certificate"), OptionValue.text(options.tlsKey, "tls-key")) {
        case (let certificate?, let key?): return (certificate.value, key.value)
        case (nil, nil): return nil
        default: throw Failure.usage("HTTPS needs both: give --tls-certificate FILE and --tls-key FILE.")
        }
    }

    /// An interface name that `wg` accepts: up to 15 letters, digits and `_ = + . -`, but not `.` or `..`.
    private static func interface(_ text: String) -> String? {
        let isTaken = text.utf8.allSatisfy { byte in
            let scalar = Unicode.Scalar(byte)
            return scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_=+.-".unicodeScalars.contains(scalar))
        }
        return isTaken && (1...15).contains(text.utf8.count) && text != "." && text != ".." ? text : nil
    }

    /// The IPv4 network of devices; nil if it is not set. The import uses this option too.
    static func network(_ given: String?) throws -> IPPrefix? {
        try OptionValue.parse(given, "network", example: "10.3.2.0/24") { text in IPPrefix(text).flatMap { $0.address.isV4 ? $0 : nil } }
    }

    /// The IPv6 network of devices, and whether there must be none. The import uses this option too.
    static func network6(_ given: String?) throws -> (network: IPPrefix?, isOff: Bool) {
        if OptionValue.text(given, "network6")?.value == "off" { return (nil, true) }
        let network = try OptionValue.parse(given, "network6", example: "fd00::3:2:0/120, or off") { text in
            IPPrefix(text).flatMap { $0.address.isV4 ? nil : $0 }
        }
        return (network, false)
    }

    /// The address and port that WireGuard listens on. Other commands use this option too.
    static func wireguard(_ given: String?) throws -> Endpoint {
        try OptionValue.parse(
            given, "wireguard", example: "[::]:51820", fallback: Endpoint(address: .v6(.any), port: 51820), OptionValue.listen)
    }
}
