package enum Conversation {}
