//! Dates as `/etc/shadow` has them: days since 1970-01-01.

/// The days of a date `YYYY-MM-DD`; none if it is no date since 1970.
pub(super) fn days(date: &str) -> Option<i64> {
    let digits = |text: &str, count: usize| {
        (text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let mut parts = date.split('-');
    let (year, month, day): (i64, i64, i64) =
        (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || year < 1970 || !(1..=12).contains(&month) {
        return None;
    }
    let days = before_month(year, month) + day - 1;
    ((1..=31).contains(&day) && text(days) == date).then_some(days)
}

/// The date of a number of days.
pub(super) fn text(days: i64) -> String {
    // Years are counted from March, so that the day that leap years have more is the last one.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The days from 1970-01-01 to the first of a month.
fn before_month(year: i64, month: i64) -> i64 {
    let (year, month_from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month_from_march + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{days, text};

    #[test]
    fn dates_are_days_and_back() {
        for (date, number) in [
            ("1970-01-01", 0),
            ("1970-03-01", 59),
            ("2000-02-29", 11_016),
            ("2024-12-31", 20_088),
            ("2026-11-24", 20_781),
            ("2100-03-01", 47_541),
        ] {
            assert_eq!(days(date), Some(number), "{date}");
            assert_eq!(text(number), date);
        }
        for wrong in [
            "",
            "2026",
            "2026-1-1",
            "2026-02-29",
            "2026-13-01",
            "2026-01-32",
            "1969-01-01",
            "2026-01-01-",
            "+026-01-01",
        ] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }
}
