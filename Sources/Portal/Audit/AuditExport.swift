// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Store
import Words
import Synchronization

/// The audit log as a file.
enum AuditExport {
    static let routes: [Route<Handler>] = [Route(.get, "/audit/export", Handler(.viewer, export))]

    /// The most entries in one file. Filters select the others.
    static let maximumRows = 100_000

    private enum Format: String {
        case csv
        case jsonLines = "jsonl"
    }

    private static func export(_ visit: Visit) throws -> Response {
        guard let format = Format(rawValue: visit.request.query["format"] ?? "") else {
            throw HTTPError(.badRequest, "The audit log is exported as csv or jsonl.")
        }
        let pass = try visit.site.exportGate.enter(visit.author.name)
        let query = AuditQuery(visit.request.query)
        let filter = try visit.read { try query.filter($0) }
        let lines = Lines(visit.site.database, filter, before: query.before, format, try visit.standing())
        let type = format == .csv ? "text/csv; charset=utf-8" : "application/jsonl"
        let fields: Fields = [
            "Content-Type": type, "Cache-Control": "no-store", "Content-Disposition": ContentDisposition.attachment("audit.\(format.rawValue)"),
        ]
        return Response(.ok, fields: fields, body: .stream(.export(pass, first: try visit.read { try lines.next(in: $0) }) { try lines.next() }))
    }

    /// Makes the file piece by piece, from the newest entry to the oldest. Each piece has its own short read transaction, so a slow reader does not
    /// hold one open, and ends with the right to see the log. Paging by entry number means that no entry appears twice.
    private final class Lines: Sendable {
        /// A piece ends once it has at least this many bytes.
        private static let pieceBytes = 49_152
        private static let entriesPerStep = 20

        private struct Place {
            var before: Int64?
            var left = AuditExport.maximumRows
            var isBegun = false
        }

        private let database: Database
        private let filter: AuditFilter
        private let format: Format
        private let standing: Standing
        private let place: Mutex<Place>

        init(_ database: Database, _ filter: AuditFilter, before: Int64?, _ format: Format, _ standing: Standing) {
            (self.database, self.filter, self.format, self.standing) = (database, filter, format, standing)
            place = Mutex(Place(before: before))
        }

        /// The next piece; nil at the end.
        func next() throws -> [UInt8]? { try database.read { try next(in: $0) } }

        func next(in transaction: ReadTransaction) throws -> [UInt8]? {
            try standing.require(in: transaction)
            return try place.withLock { place in
                var piece: [UInt8] = []
                if !place.isBegun, format == .csv { piece += AuditExport.head }
                place.isBegun = true
                while place.left > 0, piece.count < Self.pieceBytes {
                    let limit = min(place.left, Self.entriesPerStep)
                    let entries = try transaction.auditEntries(matching: filter, before: place.before, limit: limit)
                    for entry in entries { AuditExport.append(entry, format, to: &piece) }
                    place.before = entries.last?.number
                    place.left = entries.count < limit ? 0 : place.left - entries.count
                }
                return piece.isEmpty ? nil : piece
            }
        }
    }

    private static let head = Array("number,at,who,from,action,target,before,after\r\n".utf8)

    private static func append(_ entry: AuditEntry, _ format: Format, to piece: inout [UInt8]) {
        switch format {
        case .csv: piece += Array((row(entry) + "\r\n").utf8)
        case .jsonLines: piece += object(entry).bytes + [0x0A]
        }
    }

    /// One entry, as in the API.
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

    /// One field of a CSV file (RFC 4180). An apostrophe goes before text that a spreadsheet would read as a formula (ASVS 1.2.10).
    static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let plain = isFormula ? "'" + text : text
        return "\"" + plain.replacing("\"", with: "\"\"") + "\""
    }
}
