//! The few words printed on a ticket, in the languages the pages speak.
//!
//! A language without words here gets English, and the document then says that it is English.

/// A language of the printed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    English,
    German,
}

impl Tongue {
    /// From a BCP 47 tag: `de`, `de-AT`.
    pub(super) fn of(tag: &str) -> Tongue {
        match tag.split(['-', '_']).next() {
            Some(primary) if primary.eq_ignore_ascii_case("de") => Tongue::German,
            _ => Tongue::English,
        }
    }

    /// The tag the document declares.
    pub(super) fn tag(self) -> &'static str {
        self.pick("en", "de")
    }

    pub(super) fn ticket(self) -> &'static str {
        self.pick("Ticket", "Ticket")
    }

    pub(super) fn name(self) -> &'static str {
        self.pick("Name", "Name")
    }

    pub(super) fn when(self) -> &'static str {
        self.pick("When", "Wann")
    }

    pub(super) fn place(self) -> &'static str {
        self.pick("Where", "Wo")
    }

    /// `Ticket 2 of 4`.
    pub(super) fn ticket_of(self, nth: usize, count: usize) -> String {
        format!("{} {nth} {} {count}", self.ticket(), self.pick("of", "von"))
    }

    /// `Order R123`.
    pub(super) fn order(self, number: &str) -> String {
        format!("{} {number}", self.pick("Order", "Bestellung"))
    }

    /// What a reader of the page hears in place of the code.
    pub(super) fn code(self, number: &str) -> String {
        match self {
            Tongue::English => format!("QR code with the ticket number {number}"),
            Tongue::German => format!("QR-Code mit der Ticketnummer {number}"),
        }
    }

    /// Title of the document.
    pub(super) fn title(self, event: &str, count: usize) -> String {
        let tickets = if count == 1 { self.ticket() } else { self.pick("Tickets", "Tickets") };
        format!("{tickets}: {event}")
    }

    fn pick(self, english: &'static str, german: &'static str) -> &'static str {
        match self {
            Tongue::English => english,
            Tongue::German => german,
        }
    }
}
