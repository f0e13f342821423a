// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Store
import Words

/// The audit log as a file.
enum AuditExport {
    /// Entries in one file at most; filters give the rest.
    static let maximumRows = 100_000

    enum Format: String {
        case csv
        case jsonLines = "jsonl"
    }

    static func file(_ entries: [AuditEntry], _ format: Format) -> Response {
        var response: Response
        switch format {
        case .csv:
            let head = ["number", "at", "who", "from", "action", "target", "before", "after"].joined(separator: ",")
            response = Response(
                .ok, contentType: "text/csv; charset=utf-8", body: Array(([head] + entries.map(row)).map { $0 + "\r\n" }.joined().utf8))
        case .jsonLines:
            response = Response(.ok, contentType: "application/jsonl", body: entries.flatMap { object($0).bytes + [0x0A] })
        }
        response.fields.set("Content-Disposition", "attachment; filename=\"audit.\(format.rawValue)\"")
        return response
    }

    /// One entry as the API gives it.
    static func object(_ entry: AuditEntry) -> JSON {
        let details = { (text: String?) -> JSON in text.flatMap { try? JSON(parsing: Array($0.utf8)) } ?? .null }
        return [
            "number": .integer(entry.number), "at": .string(entry.at.iso), "author": .string(entry.author.name),
            "address": entry.author.address.map { .string($0) } ?? .null, "action": .string(entry.action), "target": .string(entry.target),
            "generation": entry.generation.map { .integer($0) } ?? .null, "before": details(entry.before), "after": details(entry.after),
        ]
    }

    private static func row(_ entry: AuditEntry) -> String {
        [
            String(entry.number), entry.at.iso, entry.author.name, entry.author.address ?? "", entry.action, entry.target, entry.before ?? "",
            entry.after ?? "",
        ].map(cell).joined(separator: ",")
    }

    /// RFC 4180, with an apostrophe before what a spreadsheet would take for a formula (ASVS 1.2.10).
    static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let plain = isFormula ? "'" + text : text
        return "\"" + plain.replacing("\"", with: "\"\"") + "\""
    }
}
