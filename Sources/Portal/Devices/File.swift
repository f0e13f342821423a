// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Drawing
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// A device's file as a download and as a QR code. On pages, a button asks for either and so counts as handing the file out: a browser may request
/// links by itself. In the API, reading the file does not count, but is recorded.
enum DeviceFile {
    static let routes: [Route<Handler>] = [
        Route(.post, "/devices/{id}/config", Handler(.admin, confirmed: true, download)),
        Route(.post, "/devices/{id}/qr", Handler(.admin, confirmed: true, fields: ["next"], show)),
        Route(.post, "/devices/{id}/installed", Handler(.admin, fields: ["next"], markInstalled)),
    ]

    static let apiRoutes: [Route<Handler>] = [
        Route(.get, "/api/v1/devices/{id}/config", Handler(.token(.devices), waits: true, read)),
        Route(.get, "/api/v1/devices/{id}/qr.svg", Handler(.token(.devices), waits: true, readCode)),
    ]

    private static func download(_ visit: Visit) throws -> Response {
        let (device, file) = try handOut(visit)
        return attachment(device, file)
    }

    /// A page with the QR code, as large as the screen allows, and with the text.
    private static func show(_ visit: Visit) throws -> Response {
        let (device, file) = try handOut(visit)
        let page = FilePage(device: device, file: ShownFile(file, of: device), back: SignInPage.localPath(visit.inputs.exact("next")))
        return try visit.page(FilePage.template, page)
    }

    private static func markInstalled(_ visit: Visit) throws -> Response {
        let device = try visit.storedDevice()
        try visit.write { try visit.files.noteInstallation(of: device, in: $0) }
        return visit.done(visit.nextPath, .installed)
    }

    private static func read(_ visit: Visit) throws -> Response {
        let (device, file) = try file(visit)
        try visit.write { try visit.files.noteReading(of: device, in: $0) }
        return attachment(device, file)
    }

    private static func readCode(_ visit: Visit) throws -> Response {
        let (device, file) = try file(visit)
        guard let code = QRCode(file.text) else {
            throw HTTPError(.unprocessableContent, "The file of this device is too long for a QR code. Download it instead.")
        }
        try visit.write { try visit.files.noteReading(of: device, in: $0) }
        return Response(.ok, contentType: "image/svg+xml", body: Array(code.svg.utf8))
    }

    private static func handOut(_ visit: Visit) throws -> (Device, ClientConfig) {
        let (device, file) = try file(visit)
        try visit.write { try visit.files.noteHandOut(of: device, in: $0) }
        return (device, file)
    }

    private static func file(_ visit: Visit) throws -> (Device, ClientConfig) {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        return (device, try visit.file(of: device, overview))
    }

    private static func attachment(_ device: Device, _ file: ClientConfig) -> Response {
        var response = Response.text(.ok, file.text)
        response.fields.set(
            "Content-Disposition",
            ContentDisposition.attachment(
                ClientConfig.fileName(for: device.name), fullName: ClientConfig.fullFileName(for: device.name)))
        return response
    }
}

extension Visit {
    /// The page that a form names in its field `next`, without its query.
    var nextPath: String { String(SignInPage.localPath(inputs.exact("next")).prefix { $0 != "?" }) }
}

/// The QR code and the text of a device's file, for the admin who asked for them.
struct FilePage: TemplateModel {
    static let template = Template<FilePage>("file")

    static var fields: [TemplateField<FilePage>] {
        [.text("name", \.device.name), .text("back", \.back), .object("file", \.file)]
    }

    let device: Device
    let file: ShownFile
    /// The page that the button was on.
    let back: String
}

/// A device's file on a page, for the template `_file`. The page holds the code and the download itself, because they can be asked for only once.
struct ShownFile: TemplateModel {
    private let device: Device
    private let text: String
    private let hasKey: Bool
    /// Nil if the file is too long for one, or if it lacks the private key: such a code would be useless.
    private let code: QRCode?

    init(_ file: ClientConfig, of device: Device) {
        self.device = device
        text = file.text
        hasKey = file.privateKey != nil
        code = hasKey ? QRCode(file.text) : nil
    }

    static var fields: [TemplateField<ShownFile>] {
        [
            .text("name", \.device.name), .text("file_name", \.fileName), .text("tunnel") { String($0.fileName.dropLast(5)) },
            .text("address") { $0.device.addresses.map(\.description).joined(separator: ", ") },
            .text("qr") { $0.code?.dataURL ?? "" }, .phrase("no_qr", \.whyNoCode), .flag("lacks_key") { !$0.hasKey },
            .text("config", \.text),
            .text("download") { "data:text/plain;charset=utf-8;base64," + Base64.encode(Array($0.text.utf8)) },
        ]
    }

    private var fileName: String { ClientConfig.fileName(for: device.name) }

    private var whyNoCode: Phrase {
        if code != nil { return "" }
        return hasKey
            ? "The file is too long for a QR code. Download it instead."
            : "There is no QR code, because the hub does not have the private key: the code would be of no use."
    }
}

extension QRCode {
    /// The picture as a data URL, for a page that cannot request it a second time.
    var dataURL: String { "data:image/svg+xml;base64," + Base64.encode(Array(svg.utf8)) }
}
