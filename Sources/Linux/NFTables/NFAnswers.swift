// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

extension NFForeignChain {
    /// Parses NFT_MSG_NEWCHAIN. Nil for any other message, and for a chain that is at no hook of IP.
    init?(_ message: NetlinkMessage) {
        guard message.type == UInt16(NFChange.number(of: NFT_MSG_NEWCHAIN)), let (header, attributes) = message.read(nfgenmsg.self),
            let family = [NFPROTO_INET: "inet", NFPROTO_IPV4: "ip", NFPROTO_IPV6: "ip6"][Int32(header.nfgen_family)],
            let table = attributes.text(Int(NFTA_CHAIN_TABLE.rawValue)), let name = attributes.text(Int(NFTA_CHAIN_NAME.rawValue)),
            let place = attributes[Int(NFTA_CHAIN_HOOK.rawValue)].map({ NetlinkAttributes($0) }),
            let hook = place.uint32(Int(NFTA_HOOK_HOOKNUM.rawValue)).flatMap({ NFChain.Hook(rawValue: UInt32(bigEndian: $0)) }),
            let priority = place.uint32(Int(NFTA_HOOK_PRIORITY.rawValue))
        else { return nil }
        self.family = family
        self.table = table
        self.name = name
        self.hook = hook
        self.priority = Int32(bitPattern: UInt32(bigEndian: priority))
        dropsTheRest = attributes.uint32(Int(NFTA_CHAIN_POLICY.rawValue)).map { UInt32(bigEndian: $0) } == UInt32(NF_DROP)
    }
}

extension NFCount {
    /// The counters of a rule in NFT_MSG_NEWRULE.
    static func all(in message: NetlinkMessage) -> [NFCount] {
        guard message.type == UInt16(NFChange.number(of: NFT_MSG_NEWRULE)), let (_, attributes) = message.read(nfgenmsg.self),
            let chain = attributes.text(Int(NFTA_RULE_CHAIN.rawValue))
        else { return [] }
        let comment = attributes[Int(NFTA_RULE_USERDATA.rawValue)].map { String(decoding: $0.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self) }
        return elements(of: attributes[Int(NFTA_RULE_EXPRESSIONS.rawValue)] ?? []).compactMap { expression in
            guard expression.text(Int(NFTA_EXPR_NAME.rawValue)) == "counter",
                let data = expression[Int(NFTA_EXPR_DATA.rawValue)].map({ NetlinkAttributes($0) }),
                let packets = data[Int(NFTA_COUNTER_PACKETS.rawValue)]?.loadStruct(UInt64.self),
                let bytes = data[Int(NFTA_COUNTER_BYTES.rawValue)]?.loadStruct(UInt64.self)
            else { return nil }
            return NFCount(chain: chain, comment: comment ?? "", packets: UInt64(bigEndian: packets), bytes: UInt64(bigEndian: bytes))
        }
    }

    /// The elements of a list, which all have the same number.
    private static func elements(of list: ArraySlice<UInt8>) -> [NetlinkAttributes] {
        var (elements, rest): ([NetlinkAttributes], _) = ([], list)
        while let header = rest.loadStruct(nlattr.self) {
            let byteCount = Int(header.nla_len)
            guard (MemoryLayout<nlattr>.size...rest.count).contains(byteCount) else { break }
            elements.append(NetlinkAttributes(rest.prefix(byteCount).dropFirst(MemoryLayout<nlattr>.size)))
            rest = rest.dropFirst(padded(byteCount))
        }
        return elements
    }
}
