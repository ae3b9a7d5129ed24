//! Tables for people: aligned columns, no lines, cut to nothing.

use unicode_width::UnicodeWidthStr as _;

/// Rows of text under a line of headings.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with its headings.
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![headings.iter().map(|&heading| heading.to_owned()).collect()],
        }
    }

    /// Adds a row; it has as many cells as there are headings.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table as text, with `empty` in its place when it has no row.
    pub(crate) fn or(self, empty: &str) -> String {
        if self.rows.len() == 1 {
            return empty.to_owned();
        }
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width + 2 - cell.width()));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_line_also_with_wide_letters() {
        let mut table = Table::new(&["NAME", "STATE"]);
        table.row(vec!["日本".to_owned(), "idle".to_owned()]);
        table.row(vec!["a".to_owned(), "active".to_owned()]);
        insta::assert_snapshot!(table.or(""), @r"
        NAME  STATE
        日本  idle
        a     active
        ");
    }

    #[test]
    fn a_table_without_rows_says_so() {
        assert_eq!(Table::new(&["NAME"]).or("None."), "None.");
    }
}
