/// Bounds within which an inventory is read; what passes them is an error, never a truncated inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The file as received.
    pub bytes: u64,
    /// All parts of a workbook once unpacked: keeps a zip bomb out.
    pub unpacked_bytes: u64,
    /// Rows, title lines and signatures included.
    pub rows: u64,
    /// Filled cells.
    pub cells: u64,
    /// Text of all cells: a workbook may name one long string in every cell.
    pub text_bytes: u64,
}

impl Default for Limits {
    /// A hundred thousand dossiers with room to spare: a fonds is rarely a tenth of that.
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            unpacked_bytes: 128 << 20,
            rows: 100_000,
            cells: 2_000_000,
            text_bytes: 64 << 20,
        }
    }
}
