"""What is known of the room, apart from how it is shown: frozen state, reducer, sentences. No Textual here."""
