// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Templates
import Words

/// The hub's way to its host, and through it to the Internet: whether it works, with which addresses devices leave, and who may.
struct GatewayPage: TemplateModel {
    static let routes: [Route<Handler>] = [Route(.get, path, Handler(.viewer) { try $0.page(template, GatewayPage(overview: $0.overview())) })]
    static let path = "/settings/gateway"
    static let template = Template<GatewayPage>("gateway")
    /// The most devices to name.
    private static let maximumNames = 50

    static var fields: [TemplateField<GatewayPage>] {
        [
            .text("tun") { $0.gateway?.tun ?? "" }, .phrase("problem") { $0.gateway?.problem ?? "" },
            .text("hub_addresses") { $0.overview.hub.addresses.map(\.description).joined(separator: ", ") },
            .list("families", \.families), .phrase("leaving", \.leaving),
            .list("leavers", \.named, [.text("href") { "/devices/\($0.id)" }, .text("name", \.name)]), .phrase("more", \.more),
        ] + instructions
    }

    /// What to type; the same in all languages.
    private static var instructions: [TemplateField<GatewayPage>] {
        [
            .text("command") { _ in "hairpin serve --tun hairpin0" }, .text("variable") { _ in "HAIRPIN_TUN=hairpin0" },
            .text("defaults_file") { _ in "/etc/default/hairpin" }, .text("everything") { _ in "0.0.0.0/0, ::/0" },
            .text("closed") { _ in "--egress off" },
            .text("drop_in") { _ in
                """
                mkdir -p /etc/systemd/system/hairpin.service.d
                ln -s /usr/share/hairpin/hairpin-gateway.conf /etc/systemd/system/hairpin.service.d/
                systemctl daemon-reload && systemctl restart hairpin
                """
            },
        ]
    }

    private struct Family: TemplateModel {
        let name: String
        let address: IPAddress?

        static var fields: [TemplateField<Family>] {
            [.text("family", \.name), .text("address") { $0.address?.description ?? "" }]
        }
    }

    let overview: Overview

    private var gateway: Gateway? { overview.status.gateway }

    private var families: [Family] {
        [Family(name: "IPv4", address: gateway?.egress4), Family(name: "IPv6", address: gateway?.egress6)]
    }

    /// Devices whose allowed IPs stand for the whole Internet, in a family with a way out.
    private var leavers: [Device] {
        overview.devices.filter { device in
            device.isActive(at: overview.now)
                && device.settings(over: overview.defaults).allowedIPs.contains {
                    $0.isInternetWide && gateway?.egress(isV4: $0.address.isV4) != nil
                }
        }
    }

    private var named: [Device] { Array(leavers.prefix(Self.maximumNames)) }

    private var leaving: Phrase {
        let count = leavers.count
        guard count > 0 else { return "No device has the whole Internet in its allowed IPs. One that lists single addresses leaves for those." }
        return .counting(
            count,
            "\(Amount.count(count)) device has the whole Internet in its allowed IPs. | \(Amount.count(count)) devices have the whole Internet in their allowed IPs."
        )
    }

    private var more: Phrase {
        let hidden = leavers.count - Self.maximumNames
        return hidden > 0 ? .counting(hidden, "and \(Amount.count(hidden)) more | and \(Amount.count(hidden)) more") : ""
    }
}
