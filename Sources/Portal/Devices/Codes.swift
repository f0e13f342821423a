// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// The QR codes of several devices' files on one page, for the admin who asked for them. Showing them counts as handing the files out.
struct CodesPage: TemplateModel {
    static let template = Template<CodesPage>("codes")

    /// The most codes on a page.
    private static let maximum = 200

    static var fields: [TemplateField<CodesPage>] { [.list("files", \.files), .text("back", \.back)] }

    private let files: [ShownFile]
    private let back: String

    /// Shows the codes. The session must be confirmed.
    static func show(_ devices: [Device], from origin: PageAddress, _ visit: Visit) throws -> Response {
        guard devices.count <= maximum else {
            throw StoreError.invalid([FieldError("device", "Show at most \(maximum) codes at once. Select fewer devices.")])
        }
        let overview = try visit.overview()
        let files = try devices.map { ShownFile(try visit.file(of: $0, overview), of: $0) }
        try visit.write { for device in devices { try visit.files.noteHandOut(of: device, in: $0) } }
        return try visit.page(template, CodesPage(files: files, back: origin.text))
    }
}
