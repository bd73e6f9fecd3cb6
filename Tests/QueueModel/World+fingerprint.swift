extension World {
    /// 64 bits that tell states apart; states that differ only in which worker is which have the same.
    ///
    /// With ten million states the chance that any two are taken for one is below one in a hundred thousand.
    func fingerprint(_ rules: Rules) -> UInt64 {
        var mixer = Mixer()
        mix(keys, into: &mixer, rules)
        if hasSaved {
            mixer.mix(1)
            mix(saved, into: &mixer, rules)
            mixer.mix(savedPushes.word)
        }
        let (a, b) = (first.word, second.word)
        mixer.mix(min(a, b))
        mixer.mix(max(a, b))
        mixer.mix(storedFences.bits)
        mixer.mix(effects.word)
        mixer.mix(recorded | attempts << 16 | sent << 32 | everDead << 48)
        mixer.mix(provider.word)
        mixer.mix(pushes.word)
        mixer.mix(arrivals.word)
        mixer.mix(issued.bits)
        var flags = UInt64(accepted) | UInt64(faultsLeft) << 8 | (isTorn ? 1 << 16 : 0) | (hasLost ? 1 << 17 : 0)
        flags |= (needsBackfill ? 1 << 18 : 0) | UInt64(effects.count) << 20 | UInt64(provider.count) << 24
        flags |= UInt64(pushes.count) << 28 | UInt64(arrivals.count) << 32 | discarded << 40 | everLost << 52
        mixer.mix(flags)
        mixer.mix(strikes.bits)
        return mixer.value
    }

    private func mix(_ keys: Keys, into mixer: inout Mixer, _ rules: Rules) {
        mixer.mix(keys.ingress.word)
        mixer.mix(keys.stage.word)
        mixer.mix(keys.ready.word | keys.dead.word << 32)
        var counts = UInt64(keys.ingress.count) | UInt64(keys.stage.count) << 8 | UInt64(keys.ready.count) << 16
        counts |= UInt64(keys.dead.count) << 24 | UInt64(truncatingIfNeeded: keys.fence) << 32
        mixer.mix(counts | (keys.isPaused ? 1 << 63 : 0))
        mixer.mix(keys.seen.word | keys.seenBefore.word << 32)
        var sender = 0
        while sender < rules.senders {
            let seat = keys.seats[sender]
            mixer.mix(seat.queue.word)
            var word = UInt64(seat.queue.count) | UInt64(seat.lease.rank) << 8 | UInt64(seat.delay.rank) << 16
            word |= UInt64(truncatingIfNeeded: seat.fence) << 24 | UInt64(seat.deliveries) << 40
            mixer.mix(word | UInt64(seat.state) << 48 | (seat.hasOwner ? 1 << 56 : 0))
            sender += 1
        }
    }
}

/// Murmur3's way of mixing words (public domain, Austin Appleby).
struct Mixer {
    private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func mix(_ word: UInt64) {
        var part = word &* 0xFF51_AFD7_ED55_8CCD
        part ^= part &>> 32
        part = part &* 0xC4CE_B9FE_1A85_EC53
        part ^= part &>> 29
        value = (value ^ part) &* 0x9FB2_1C65_1E98_DF25
        value ^= value &>> 31
    }
}
