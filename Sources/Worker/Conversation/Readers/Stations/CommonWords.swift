/// English words that are also the code of a station, or one typing error from its name.
///
/// Where a station was not clearly asked for, they are not taken for one.
enum CommonWords {
    static let all: Set<String> = [
        "the", "and", "was", "min", "hrs", "not", "for", "but", "had", "has", "her", "how", "low", "may", "men", "mon",
        "tue", "wed", "thu", "fri", "sat", "sun", "mar", "aug", "new", "nor", "old", "out", "per", "pls", "put", "ran",
        "red", "row", "run", "sad", "sam", "saw", "say", "sea", "see", "set", "she", "sit", "son", "tea", "ten", "tip",
        "too", "top", "try", "war", "wet", "why", "win", "yet", "act", "add", "air", "arm", "ask", "bad", "bag", "bar",
        "bat", "big", "bit", "bus", "can", "car", "cry", "cup", "did", "ear", "egg", "fit", "god", "gun", "hat", "hit",
        "hop", "hot", "key", "kid", "law", "lay", "led", "leg", "let", "lot", "pin", "pop", "ray", "rid", "ham", "hay",
        "dan", "ben", "amy", "tom", "street", "st", "work", "home",
        "there", "here", "where", "were", "late", "later", "minutes", "minute", "hour", "hours", "delay", "delayed",
        "train", "trains", "ticket", "claim", "service", "cancelled", "platform", "my", "me", "him", "them", "it",
        "this", "that", "meet", "visit", "go", "get", "be", "do", "make", "take", "catch", "arrive", "leave", "leaving",
        "left", "travel", "attend", "collect", "report", "say", "tell", "wait", "due", "town", "city",
        "central", "park", "road", "north", "south", "east", "west", "high", "parkway", "airport", "bridge", "green",
        "hill", "junction", "first", "class", "standard", "single", "return", "peak", "reach", "stop",
        "been", "being", "when", "then", "than", "morning", "evening", "night", "yesterday", "today", "please",
        "sorry", "hello", "thanks", "actually", "would", "could", "should", "which", "what", "your", "our", "their",
        "friends", "family", "holiday", "school", "office", "university", "wedding", "match", "game",
        "heading", "going", "went", "gone", "travelling", "traveling", "travelled", "trip", "journey", "time", "times",
        "way", "back", "trying", "want", "wanted", "need", "needed", "supposed", "meant", "booked", "running", "coming",
        "came", "come", "got", "getting", "stuck", "waited", "waiting", "missed", "caught", "took", "taking", "used",
        "bought", "sent", "start", "end", "beginning", "middle", "with", "after", "before", "again", "about", "because",
        "still", "just", "only", "over", "under", "more", "less", "than", "late", "early", "last", "next", "platform",
        "concert", "hospital", "appointment", "complain", "claims", "refund", "money", "pay", "paid", "cost",
    ]
}
