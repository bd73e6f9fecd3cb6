/// What people call stations and cities, where the name alone would not find what they mean.
enum StationAliases {
    /// Codes by plain words: one station, or the ones to choose from, the busiest first.
    static let codes: [String: [String]] = [
        "london": [
            "KGX", "STP", "EUS", "PAD", "WAT", "VIC", "LST", "LBG", "CHX", "CST", "FST", "MYB", "BFR",
        ],
        "london terminals": [
            "KGX", "STP", "EUS", "PAD", "WAT", "VIC", "LST", "LBG", "CHX", "CST", "FST", "MYB", "BFR",
        ],
        "manchester": ["MAN", "MCV", "MCO", "MIA"], "birmingham": ["BHM", "BMO", "BSW", "BHI"],
        "glasgow": ["GLC", "GLQ"], "liverpool": ["LIV", "LVC", "LPY"], "cardiff": ["CDF", "CDQ", "CDB"],
        "bristol": ["BRI", "BPW"], "exeter": ["EXD", "EXC", "EXT"], "bradford": ["BDI", "BDQ"],
        "wigan": ["WGN", "WGW"], "warrington": ["WBQ", "WAC", "WAW"], "wakefield": ["WKF", "WKK"],
        "portsmouth": ["PMS", "PMH"], "heathrow": ["HXX", "HAF", "HWV"], "edinburgh": ["EDB"], "bath": ["BTH"],
        "stoke": ["SOT"], "wolves": ["WVH"], "st pancreas": ["STP"], "pancras": ["STP"], "picc": ["MAN"],
        "manchester picadilly": ["MAN"], "piccadily": ["MAN"], "nec": ["BHI"], "birmingham airport": ["BHI"],
        "birmingham nec": ["BHI"], "east midlands airport": ["EMD"], "luton airport": ["LTN"], "mk": ["MKC"],
        "heathrow t 5": ["HWV"], "heathrow 5": ["HWV"], "kx": ["KGX"], "london kx": ["KGX"], "bristol tm": ["BRI"],
        "heathrow t 4": ["HAF"], "heathrow 4": ["HAF"], "heathrow t 2": ["HXX"], "heathrow t 3": ["HXX"],
        "heathrow terminal 2": ["HXX"], "heathrow terminal 3": ["HXX"], "heathrow airport": ["HXX", "HAF", "HWV"],
        "victoria": ["VIC", "MCV"], "waterloo": ["WAT", "WAE", "WLO"], "stratford": ["SRA", "SFA", "SAV", "STY"],
        "queen st": ["GLQ", "CDQ"],
        "newcastle tyne": ["NCL"], "hull paragon": ["HUL"], "norwich thorpe": ["NRW"],
    ]
}
