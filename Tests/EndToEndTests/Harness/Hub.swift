// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation

/// `hairpin serve` as an ordinary user in its own namespace, at 203.0.113.N and 2001:db8:1::N.
final class Hub {
    let namespace: Namespace
    let addresses: PublicAddresses
    private let folder: URL
    private let data: URL
    private var process: BackgroundProcess?
    /// Arguments after `serve`; the same at every start.
    private var options: [String]
    /// The maximum number of descriptors; nil means the machine's limit.
    private let descriptors: Int?
    /// The user that runs the program: an ordinary one, or root if a test needs it.
    private let user: [String]
    /// Words before its command that let an ordinary user open /dev/net/tun, as udev does.
    private let preparation: [String]
    /// A folder for $CREDENTIALS_DIRECTORY, as systemd provides it.
    private let credentials: URL?
    private let showsStyleguide: Bool
    /// Where it says that its WireGuard listens.
    private let listening: String
    /// Its options as `/etc/default/hairpin` names them.
    private let environment: [String: String]

    /// A running hub. Its portal listens on 127.0.0.1:8080 of its namespace, as by default, unless `environment` says something else.
    /// `mayUseTUN` lets its user open TUN interfaces, `mayChangeNetwork` also make them (CAP_NET_ADMIN).
    init(
        in lab: Lab, mayUseTUN: Bool = false, mayChangeNetwork: Bool = false, descriptors: Int? = nil, asRoot: Bool = false, disk: Disk? = nil,
        credentials: URL? = nil, showsStyleguide: Bool = false,
        listening: String = "[::]:51820", firewall: String? = nil, environment: [String: String] = [:], _ options: String...
    ) throws {
        self.environment = environment
        self.descriptors = descriptors
        self.credentials = credentials
        self.showsStyleguide = showsStyleguide
        self.listening = listening
        (namespace, addresses) = try lab.publicHost("hub")
        if let firewall { try namespace.firewall(firewall) }
        folder = lab.folder
        data = lab.folder.appendingPathComponent("data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try disk?.mount(at: data, in: lab)
        try Command.expect(["chmod", "700", data.path])
        if !asRoot { try Command.expect(["chown", "65534:65534", data.path]) }
        user = asRoot ? [] : mayChangeNetwork ? Installation.userWithNetwork : Installation.user
        preparation = mayUseTUN || mayChangeNetwork ? Installation.openTUN : []
        self.options = ["--endpoint", "\(addresses.v4):51820"] + options
        lab.atTearDown { [weak self] in self?.process?.kill() }
        try start()
    }

    /// The folder of its database, in which its user may write.
    var dataFolder: String { data.path }

    var log: String { process?.log ?? "" }
    /// What it printed on standard output.
    var output: String { process?.output ?? "" }
    var isRunning: Bool { process?.isRunning ?? false }
    /// `ip` and `setpriv` have been replaced by the hub at this point.
    var processID: Int32 { process?.id ?? 0 }

    /// Starts `serve` and waits for its `ready` line.
    func start() throws {
        let limit = descriptors.map { ["prlimit", "--nofile=\($0)", "--"] } ?? []
        let credentials = credentials.map { ["CREDENTIALS_DIRECTORY=\($0.path)"] } ?? []
        let options = self.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let environment = ["env"] + credentials + options + (showsStyleguide ? ["HAIRPIN_STYLEGUIDE=yes"] : [])
        let portal = self.environment["HAIRPIN_HTTP"] ?? "127.0.0.1:8080"
        let command = try [Installation.program, "serve", "--root", Installation.root, "--data", data.path] + self.options
        let words = preparation + environment + limit + user + command
        let before = process?.output.count ?? 0
        let process = try BackgroundProcess("hub", namespace.words(words), folder: folder)
        self.process = process
        try wait("the ready line", upTo: .seconds(20)) {
            if !process.isRunning { throw LabError("the hub ended instead of getting ready: \(process.log.suffix(2000))") }
            return process.output.dropFirst(before).contains("ready http=\(portal) wireguard=\(listening) public_key=") ? true : nil
        }
    }

    /// Starts it with further options, which stay.
    func start(with options: [String]) throws {
        self.options += options
        try start()
    }

    /// Runs `serve` with further options where it does not get ready.
    func run(serving options: [String]) throws -> CommandOutput {
        try Command.run(
            namespace.words(
                preparation + user + [Installation.program, "serve", "--root", Installation.root, "--data", data.path] + self.options + options))
    }

    /// SIGTERM: the hub drains, prints nothing more on standard output, and ends with 0.
    func stop() throws {
        guard let process else { return }
        let status = try process.stop()
        guard status == 0 else { throw LabError("the hub ended with \(status) after SIGTERM: \(process.log.suffix(2000))") }
        let lines = process.output.split(separator: "\n")
        guard lines.allSatisfy({ $0.hasPrefix("ready ") }) else { throw LabError("more than the ready line on standard output: \(lines)") }
    }

    /// `kill -9`: no clean-up, nothing saved.
    func kill() {
        process?.kill()
    }

    /// Sends a signal and does not wait.
    func send(signal: Int32) {
        process?.send(signal: signal)
    }

    /// Name and niceness of each of its threads.
    func threads() throws -> [(name: String, nice: Int)] {
        let folder = "/proc/\(processID)/task"
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { id in
            guard let text = try? String(contentsOfFile: "\(folder)/\(id)/stat", encoding: .utf8), let end = text.lastIndex(of: ")"),
                let begin = text.firstIndex(of: "(")
            else { return nil }
            // Field 19 of proc_pid_stat(5); the first two end with the name.
            let fields = text[text.index(after: end)...].split(separator: " ")
            return (String(text[text.index(after: begin)..<end]), Int(fields[16]) ?? 0)
        }
    }

    /// Seconds of processor time that it has used.
    func processorTime() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
        let fields = text[text.index(after: text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        return (Double(fields[11]) ?? 0) / 100 + (Double(fields[12]) ?? 0) / 100
    }

    /// Makes every sign-in an old one.
    func forgetConfirmations() throws {
        let statement = "UPDATE sessions SET confirmed_at = 0"
        let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('\(statement)'); c.commit()"
        try Command.expect(["python3", "-c", script, data.appendingPathComponent("hairpin.db").path])
    }

    /// The one-time URL that a hub without an admin logs.
    func setupURL() throws -> String {
        try wait("the set-up URL in the log") { log.matches(of: /https?:\/\/[^\s"]*\/setup\?token=[^\s"]+/).last.map { String($0.0) } }
    }

    /// The same where any end is welcome.
    func run(_ words: String...) throws -> CommandOutput { try run(words: words) }

    /// The same with words in a list.
    func run(words: [String]) throws -> CommandOutput {
        try Command.run(namespace.words(user + [Installation.program] + words + ["--data", data.path]))
    }

    /// Runs another command of the program while the server runs. Returns its standard output.
    @discardableResult
    func command(_ words: String..., input: String = "") throws -> String {
        try namespace.expect(user + [Installation.program] + words + ["--data", data.path], input: input)
    }
}
