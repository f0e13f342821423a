// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store

/// The hub as the file of a WireGuard server, and the devices as a table. The devices' own files are exported like a selection of the list.
enum HubExport {
    static let routes: [Route<Handler>] = [
        Route(.post, "\(DataPage.path)/server-file", Handler(.admin, confirmed: true, serverFile)),
        Route(.get, "\(DataPage.path)/devices.csv", Handler(.admin, table)),
    ]

    /// For `wg-quick`, with the private key of the hub.
    private static func serverFile(_ visit: Visit) throws -> Response {
        let port = visit.site.status().hubPort
        let file = try visit.write { transaction in
            try transaction.record("hub.export", target: "hub", by: visit.author, at: visit.now)
            return try transaction.serverFile(listenPort: port, at: visit.now)
        }
        return attachment("hairpin-server.conf", "text/plain; charset=utf-8", file.text)
    }

    /// What the list of devices knows, without secrets, one row for each device (RFC 4180).
    private static func table(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let heads = [
            "name", "tags", "description", "ipv4", "ipv6", "routes", "public_key", "enabled", "expires_at", "created_at", "state", "last_heard_at",
            "allowed_ips",
        ]
        let rows = overview.devices.map { device in
            [
                device.name, device.tags.map(\.description).joined(separator: " "), device.description, device.ipv4?.description ?? "",
                device.ipv6?.description ?? "", list(device.routes), device.publicKey.base64, device.enabled ? "yes" : "no",
                device.expiresAt?.iso ?? "", device.createdAt.iso, overview.state(of: device).rawValue, overview.heard(device)?.iso ?? "",
                list(device.settings(over: overview.defaults).allowedIPs),
            ]
        }
        let lines = ([heads] + rows).map { $0.map(AuditExport.cell).joined(separator: ",") + "\r\n" }
        return attachment("hairpin-devices-\(visit.now.iso.prefix(10)).csv", "text/csv; charset=utf-8", lines.joined())
    }

    private static func list(_ prefixes: [IPPrefix]) -> String { prefixes.map(\.description).joined(separator: " ") }

    private static func attachment(_ name: String, _ type: String, _ text: String) -> Response {
        Response(
            .ok,
            fields: ["Content-Type": type, "Cache-Control": "no-store", "Content-Disposition": ContentDisposition.attachment(name)],
            body: .bytes(Array(text.utf8)))
    }
}
