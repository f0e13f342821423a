// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Net

/// Lets packets of devices leave through the hub's host, with the host's addresses as their senders. What it needs on the host is one table of
/// nf_tables, which goes with the process, and forwarding, which it turns off again if it turned it on. Use it from one thread at a time.
struct WayOut: ~Copyable {
    private static let table = "hairpin"
    /// Somewhere on the Internet, to ask the host for its route. Nothing is sent there.
    private static let (far4, far6) = (IPAddress("198.41.0.4"), IPAddress("2001:503:ba3e::2:30"))
    private static let forwarding4 = KernelSetting("net", "ipv4", "ip_forward")
    private static let forwarding6 = KernelSetting("net", "ipv6", "conf", "all", "forwarding")

    /// The interface to the hub.
    private let tun: String
    /// Nil until the table is in place.
    private var filter: NFTables?
    /// What was changed, with the values before.
    private var before: [KernelSetting: String] = [:]

    init(tun: String) { self.tun = tun }

    /// What `look` found.
    struct Finding: Equatable {
        var egress4: IPAddress?
        var egress6: IPAddress?
        var trouble: Gateway.Trouble?
    }

    /// Does what is missing. Call again when links, addresses or routes of the host changed.
    mutating func look() -> Finding {
        var found = Finding()
        do throws(Errno) { try putTable() } catch {
            found.trouble = .noFilter(error: error.description)
            return found
        }
        guard var routes = try? RouteQueries() else { return found }
        let (route4, route6) = (route(to: Self.far4, &routes), route(to: Self.far6, &routes))
        var commands: [String] = []
        if let route4, allows(Self.forwarding4, &commands) { found.egress4 = route4.preferredSource }
        if let route6, followsRouters(route6.interfaceName, &commands), allows(Self.forwarding6, &commands) {
            found.egress6 = route6.preferredSource
        }
        if !commands.isEmpty {
            found.trouble = .noForwarding(commands: commands.joined(separator: " && "))
        } else if found.egress4 ?? found.egress6 != nil, let chain = foreignDrop() {
            found.trouble = .droppedBy(chain: chain.description)
        }
        return found
    }

    /// Puts everything back.
    mutating func close() {
        filter = nil
        for (setting, value) in before { try? setting.set(value) }
        before = [:]
    }

    /// Nil without a route, and if it leads back into the tunnel.
    private func route(to far: IPAddress?, _ routes: inout RouteQueries) -> NetworkRoute? {
        guard let far, let route = try? routes.lookup(to: far), route.interfaceName != tun, route.preferredSource != nil else { return nil }
        return route
    }

    private mutating func putTable() throws(Errno) {
        guard filter == nil else { return }
        var tables = try NFTables()
        try tables.replace(Self.rules(tun))
        filter = consume tables
    }

    /// Turns forwarding on if it is off. Otherwise, adds the command that does.
    private mutating func allows(_ setting: KernelSetting, _ commands: inout [String]) -> Bool {
        set(setting, from: "0", to: "1", &commands)
    }

    /// A host that forwards takes its IPv6 routes from routers only if it is told so.
    private mutating func followsRouters(_ interface: String, _ commands: inout [String]) -> Bool {
        Self.forwarding6.value != "0"
            || set(KernelSetting("net", "ipv6", "conf", interface, "accept_ra"), from: "1", to: "2", &commands)
    }

    private mutating func set(_ setting: KernelSetting, from: String, to: String, _ commands: inout [String]) -> Bool {
        guard setting.value == from else { return true }
        do throws(Errno) { try setting.set(to) } catch {
            commands.append(setting.command(to))
            return false
        }
        before[setting] = from
        return true
    }

    /// A chain of another program that drops forwarded packets which it does not know, in a table that says nothing about the interface.
    private mutating func foreignDrop() -> NFForeignChain? {
        guard let tables = try? filter?.chains(withoutTable: Self.table) else { return nil }
        for chain in tables where chain.hook == .forward && chain.dropsTheRest {
            if (try? filter?.mentions(interface: tun, in: chain)) != true { return chain }
        }
        return nil
    }

    /// What comes from devices may go out, with the host's address. What comes in must be an answer.
    static func rules(_ tun: String) -> NFTable {
        NFTable(
            table,
            chains: [
                NFChain(
                    "forward", .filter, .forward, priority: 0,
                    rules: [
                        NFRule(.from(interface: tun), .openingTCP, .clampSegments),
                        NFRule(.to(interface: tun), .openingTCP, .clampSegments),
                        // A packet that the hub passed on comes back to it only if the host's routes are wrong.
                        NFRule(.from(interface: tun), .to(interface: tun), .drop),
                        NFRule(.from(interface: tun), .counter, .accept, comment: "out"),
                        NFRule(.to(interface: tun), .established, .counter, .accept, comment: "in"),
                        NFRule(.to(interface: tun), .translated, .accept),
                        NFRule(.to(interface: tun), .drop),
                    ]),
                NFChain(
                    "postrouting", .nat, .postrouting, priority: 100,
                    rules: [NFRule(.from(interface: tun), .notTo(interface: tun), .masquerade)]),
            ])
    }
}
