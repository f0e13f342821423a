// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// The configuration protocol that `wg` speaks (Documentation/protocol.md section 14).
extension Engine {
    /// Answers one request of the configuration protocol. Nil for any other text; the caller should then close the connection.
    ///
    /// Reading works. A well-formed request to set something fails with EOPNOTSUPP, because the store owns all settings: the portal, the
    /// API and `hairpin device` change them.
    public func answer(uapi request: [UInt8]) -> [UInt8]? {
        let isSet = request.starts(with: "set=1\n".utf8)
        do throws(Errno) {
            switch try UAPIRequest.parse(request) {
            case .get: return UAPIText.get(status(), privateKey: privateKey)
            case .set: return UAPIText.failure(.notSupported, ofSet: true)
            case nil: return nil
            }
        } catch {
            return UAPIText.failure(error, ofSet: isSet)
        }
    }
}
