//! Dates of seconds, as digits.

const DAY: u64 = 24 * 60 * 60;

/// `YYYY-MM-DD HH:MM:SS.` of a second since 1970.
pub(crate) fn text_of_second(second: u64) -> [u8; 20] {
    let (year, month, day) = date_of(second / DAY);
    let second = (second % DAY) as u32;
    let mut text = *b"0000-00-00 00:00:00.";
    fill(&mut text, 0, year / 100);
    fill(&mut text, 2, year % 100);
    fill(&mut text, 5, month);
    fill(&mut text, 8, day);
    fill(&mut text, 11, second / 3600);
    fill(&mut text, 14, second / 60 % 60);
    fill(&mut text, 17, second % 60);
    text
}

/// Puts a number of two digits to `at`.
#[inline(always)]
pub(crate) fn fill(text: &mut [u8], at: usize, number: u32) {
    text[at] = b'0' + (number / 10) as u8;
    text[at + 1] = b'0' + (number % 10) as u8;
}

/// Year, month and day of a day since 1970, by arithmetic on years that begin in March, so that the irregular
/// part, the end of February, comes last.
fn date_of(days: u64) -> (u32, u32, u32) {
    /// From the first of March of year 0 to 1970.
    const BEFORE_1970: u64 = 719_468;
    // In days.
    const CENTURIES: u64 = 146_097;
    const CENTURY: u64 = 36_524;
    const FOUR_YEARS: u64 = 1461;
    const YEAR: u64 = 365;
    let days = days + BEFORE_1970;
    let day = days % CENTURIES;
    let leap_days = day / (FOUR_YEARS - 1) + day / (CENTURIES - 1) - day / CENTURY;
    let year = (day - leap_days) / YEAR;
    let day = (day + year / 100 - year / 4 - YEAR * year) as u32;
    // Five months from March or August on have 153 days.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = days / CENTURIES * 400 + year + u64::from(month < 3);
    (u32::try_from(year).unwrap_or(u32::MAX), month, day)
}
