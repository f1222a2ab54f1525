use std::ops::{BitOr, BitOrAssign};

/// What is known of a value besides its content; travels with every operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Marks(u8);

impl Marks {
    pub const NONE: Self = Self(0);
    /// Never shown to users.
    pub const SENSITIVE: Self = Self(1);
    /// Never stored in state or plan.
    pub const EPHEMERAL: Self = Self(2);

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn is_sensitive(self) -> bool {
        self.contains(Self::SENSITIVE)
    }

    pub fn is_ephemeral(self) -> bool {
        self.contains(Self::EPHEMERAL)
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
