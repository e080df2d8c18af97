"""What is known of the room, apart from how it is shown: state, reducer, sentences. No Textual here."""
