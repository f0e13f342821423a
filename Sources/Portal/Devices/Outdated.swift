// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The devices whose file is out of date: what changed, whether that matters, and what to do about it. Those that cannot connect come first.
struct OutdatedPage: TemplateModel {
    static let path = "/devices/out-of-date"
    static let template = Template<OutdatedPage>("outdated")
    static let routes: [Route<Handler>] = [Route(.get, path, Handler(.viewer, show))]

    static var fields: [TemplateField<OutdatedPage>] {
        [
            .phrase("count", \.count), .flag("any_rows") { !$0.rows.isEmpty }, .list("rows", \.rows),
            .optional("pages") { page in page.paging.links { PageAddress(path).with("page", $0 == 1 ? nil : String($0)).text } },
        ]
    }

    private static let rowsPerPage = 50

    private let paging: Paging
    private let total: Int
    private let rows: [Row]

    init(_ overview: Overview, number: Int) {
        let all = overview.devices.compactMap { device in OutdatedFile(of: device).map { (device, $0) } }
        // Devices with the same consequence stay in order of their names.
        let sorted = OutdatedFile.Consequence.allCases.reversed().flatMap { worst in all.filter { $0.1.consequence == worst } }
        total = sorted.count
        paging = Paging(count: total, perPage: Self.rowsPerPage, number: number)
        rows = sorted[paging.range].enumerated().map { index, entry in
            Row(number: index + 1, device: entry.0, file: entry.1, state: overview.state(of: entry.0), now: overview.now)
        }
    }

    private static func show(_ visit: Visit) throws -> Response {
        let number = visit.request.query["page"].flatMap(Entry.number) ?? 1
        return try visit.page(template, OutdatedPage(visit.overview(), number: number), notice: visit.notice)
    }

    private var count: Phrase { .counting(total, "\(Amount.count(total)) device | \(Amount.count(total)) devices") }

    private struct Row: TemplateModel {
        let number: Int
        let device: Device
        let file: OutdatedFile
        let state: DeviceState
        let now: UnixTime

        static var fields: [TemplateField<Row>] {
            [
                .number("number", \.number), .text("id", \.device.id), .text("name", \.device.name), .object("state", \.state),
                .phrase("sentence", \.file.sentence), .phrase("delivered") { $0.device.fetchedAt?.relative(to: $0.now) ?? "" },
                .flag("has_key", \.device.hasPrivateKey),
            ]
        }
    }
}

extension Overview {
    /// "3 out of date"; empty if every device has its newest file.
    var outdatedCount: Phrase {
        let count = devices.count(where: \.isConfigStale)
        return count == 0 ? "" : "\(Amount.count(count)) out of date"
    }
}
