//! Tables for people: columns one under the other, and nothing in them that a terminal would obey.

/// A head and rows, aligned. An empty cell is a dash.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let head = head.map(str::to_owned);
    let cell = |text: &String| if text.is_empty() { "-".to_owned() } else { plain(text) };
    let rows: Vec<[String; N]> = std::iter::once(&head).chain(rows).map(|row| row.each_ref().map(cell)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A text of somebody's choosing, without what moves a cursor or turns the direction of writing.
///
/// # Security
/// Users and clients choose names and user agents: printed as they are, they could repaint an operator's terminal.
pub(super) fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// The name of a user or role in a sentence.
pub(super) fn named(text: &str) -> String {
    let needs_quotes = text.is_empty() || text.contains(char::is_whitespace);
    if needs_quotes { format!("\"{}\"", plain(text)) } else { plain(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["zoë".to_owned(), "spam".to_owned()], ["a-long-name".to_owned(), String::new()]];
        assert_eq!(table(["USER", "REASON"], &rows), "USER         REASON\nzoë          spam\na-long-name  -");
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\\nc\\u{202e}d");
        assert_eq!(plain("zoë 李"), "zoë 李");
        assert_eq!([named(""), named("a b"), named("alice")], ["\"\"", "\"a b\"", "alice"]);
    }
}
