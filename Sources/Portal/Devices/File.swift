// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// A device's file as a download and as a QR code. Each time the hub hands it out, it records the revision; "file is old" is measured from there.
enum DeviceFile {
    static let routes: [Route<Handler>] = [
        Route(.get, "/devices/{id}/config", Handler(.admin, confirmed: true, config)),
        Route(.get, "/devices/{id}/qr.svg", Handler(.admin, confirmed: true, qrCode)),
    ]

    static let apiRoutes: [Route<Handler>] = [
        Route(.get, "/api/v1/devices/{id}/config", Handler(.token(.devices), config)),
        Route(.get, "/api/v1/devices/{id}/qr.svg", Handler(.token(.devices), qrCode)),
    ]

    private static func config(_ visit: Visit) throws -> Response {
        let (device, file) = try file(visit)
        try visit.noteFetch(of: device)
        var response = Response.text(.ok, file.text)
        response.fields.set("Content-Disposition", "attachment; filename=\"\(ClientConfig.fileName(for: device.name))\"")
        return response
    }

    private static func qrCode(_ visit: Visit) throws -> Response {
        let (device, file) = try file(visit)
        guard let code = QRCode(file.text) else {
            throw HTTPError(.unprocessableContent, "The file of this device is too long for a QR code. Download it instead.")
        }
        try visit.noteFetch(of: device)
        return Response(.ok, contentType: "image/svg+xml", body: Array(code.svg.utf8))
    }

    private static func file(_ visit: Visit) throws -> (Device, ClientConfig) {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        return (device, try visit.file(of: device, overview))
    }
}

/// The text of a device's file, and whether it has a QR code.
struct ShownFile: TemplateModel {
    let text: String
    let hasCode: Bool
    private let isWithoutKey: Bool

    init(_ file: ClientConfig) {
        text = file.text
        isWithoutKey = file.privateKey == nil
        hasCode = file.privateKey != nil && QRCode(file.text) != nil
    }

    static var fields: [TemplateField<ShownFile>] {
        [.flag("qr", \.hasCode), .phrase("no_qr", \.whyNoCode), .text("config", \.text)]
    }

    private var whyNoCode: Phrase {
        if hasCode { return "" }
        return isWithoutKey ? "the hub does not have the private key, so the code would be of no use." : "the file is too long for one."
    }
}
