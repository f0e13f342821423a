// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A reverse proxy in front of a hub, with the configuration of Documentation/proxies.md. Only paths are replaced.
struct ReverseProxy {
    /// The proxies by the headings of their sections.
    enum Kind: String, CaseIterable {
        case nginx, caddy = "Caddy", haproxy = "HAProxy", apache = "Apache"
    }

    static let host = "hub.example.org"

    /// The path that the portal is below; empty if it has the host to itself.
    var base: String { options["HAIRPIN_PORTAL_URL"]?.firstMatch(of: /^https:\/\/[^\/]+(\/.*)$/).map { String($0.1) } ?? "" }

    let kind: Kind
    /// The options of the hub that the section asks for.
    let options: [String: String]
    private let configuration: String
    private let folder: URL
    private let certificate: String

    /// Reads the section `heading`, by default the one of the proxy itself. The hub's socket and the certificate are in folders of the lab. `change`
    /// is a variant of the configuration.
    init(_ kind: Kind, in lab: Lab, section heading: String? = nil, change: (String) -> String = { $0 }) throws {
        self.kind = kind
        folder = lab.folder.appendingPathComponent("proxy")
        certificate = try lab.certificate(name: Self.host)
        let socket = lab.folder.appendingPathComponent("portal").path
        for folder in [folder.path, socket] { try Command.expect(["mkdir", folder]) }
        try Command.expect(["chown", "65534:65534", socket])
        let script = "cp certificate.pem fullchain.pem; cp key.pem privkey.pem; cat certificate.pem key.pem > hub.pem"
        try Command.expect(["sh", "-c", script], in: certificate)
        let text = try String(contentsOf: Installation.checkout.appendingPathComponent("Documentation/proxies.md"), encoding: .utf8)
        let heading = heading ?? kind.rawValue
        guard let section = text.components(separatedBy: "\n## ").first(where: { $0.hasPrefix("\(heading)\n") }) else {
            throw LabError("Documentation/proxies.md has no section \(heading)")
        }
        let blocks = section.matches(of: /(?s)\n```(\w+)\n(.*?)\n```/).map { (language: String($0.1), text: String($0.2)) }
        guard blocks.map(\.language) == ["sh", kind.rawValue.lowercased()] else {
            throw LabError("the section \(heading) should have one block sh and one of the proxy: \(blocks.map(\.language))")
        }
        let texts = [certificate, socket].reduce(blocks.map(\.text)) { texts, path in
            texts.map { $0.replacingOccurrences(of: path == socket ? "/run/hairpin" : "/etc/ssl/hub", with: path) }
        }
        let lines = texts[0].split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        options = Dictionary(lines.map { ($0[0], $0[1]) }) { $1 }
        configuration = change(texts[1]) + "\n"
    }

    /// Starts the proxy on the host of `hub`, and waits until it answers.
    func start(before hub: Hub, in lab: Lab) throws {
        let file = folder.appendingPathComponent("hub.conf")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        let main = folder.appendingPathComponent("main.conf")
        try surroundings(file.path).write(to: main, atomically: true, encoding: .utf8)
        let words =
            switch kind {
            case .nginx: ["nginx", "-p", folder.path, "-e", "\(folder.path)/early.log", "-c", main.path]
            case .caddy: ["env", "HOME=\(folder.path)", "caddy", "run", "--adapter", "caddyfile", "--config", file.path]
            case .haproxy: ["haproxy", "-db", "-f", file.path]
            case .apache: ["apache2", "-DFOREGROUND", "-f", main.path]
            }
        let process = try BackgroundProcess("proxy", hub.namespace.words(words), folder: lab.folder)
        lab.atTearDown { process.kill() }
        let door = door(from: hub.namespace, to: "127.0.0.1")
        try wait("\(kind.rawValue)", upTo: .seconds(20)) {
            guard process.isRunning else { throw LabError("\(kind.rawValue) ended: \(process.log.suffix(2000)) \(process.output.suffix(2000))") }
            let answer = try? door.namespace.request("GET", "\(door.origin)\(base)/healthz", options: door.options)
            return answer?.status == 200 ? true : nil
        }
    }

    /// The way from a machine to the portal. `address` is the proxy's.
    func door(from namespace: Namespace, to address: String, headers: [String] = []) -> PortalClient.Door {
        let names = [80, 443].flatMap { ["--resolve", "\(Self.host):\($0):\(address)"] }
        return PortalClient.Door(
            namespace: namespace, origin: "https://\(Self.host)", options: names + ["--cacert", "\(certificate)/certificate.pem"], headers: headers)
    }

    /// What a distribution's main configuration says around such a block.
    private func surroundings(_ file: String) -> String {
        let path = folder.path
        switch kind {
        case .nginx:
            let uses = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            let temporary = uses.map { "\($0)_temp_path \(path)/\($0);" }.joined(separator: " ")
            return """
                daemon off; pid \(path)/nginx.pid; error_log stderr; user nobody nogroup; worker_processes 1;
                events {}
                http { access_log off; \(temporary) include \(file); }
                """
        case .apache:
            let modules = ["mpm_event", "authz_core", "alias", "headers", "socache_shmcb", "ssl", "proxy", "proxy_http"]
            let lines = modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
            let files = ["ServerRoot \(path)", "DefaultRuntimeDir \(path)", "PidFile \(path)/apache.pid", "ErrorLog \(path)/apache.log"]
            let rest = ["User nobody", "Group nogroup", "ServerName \(Self.host)", "Listen 80", "Listen 443", "Include \(file)"]
            return (files + lines + rest).joined(separator: "\n") + "\n"
        case .caddy, .haproxy: return ""
        }
    }
}
